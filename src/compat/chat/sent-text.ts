import { OpenAiFault } from '../openai/errors.js';

/**
 * The text that a stream has sent, which can't be taken back. When the model's provider breaks off and is asked again, the
 * stream goes on where the new text begins with what was sent; where it does not, the stream would be none of the answer.
 */
export class SentText {
  #sent = '';
  /** How far the answer has come. */
  #stands = 0;

  /** What is to be sent of this text. Throws when it contradicts what was sent. */
  take(text: string): string {
    const ahead = this.#sent.slice(this.#stands, this.#stands + text.length);
    if (!text.startsWith(ahead)) {
      throw toFault();
    }
    const rest = text.slice(ahead.length);
    this.#sent += rest;
    this.#stands += text.length;
    return rest;
  }

  /** The last characters of the answer are void. */
  retract(chars: number): void {
    this.#stands -= chars;
  }

  /** Throws when more was sent than there is. */
  finish(): void {
    if (this.#stands < this.#sent.length) {
      throw toFault();
    }
  }
}

function toFault(): OpenAiFault {
  const message =
    "The model's provider broke off in the middle of this answer and began it anew with other words, so that what was " +
    'streamed of it is void. Ask again.';
  return new OpenAiFault('engine_error', message, { openAiCode: 'answer_restarted' });
}
