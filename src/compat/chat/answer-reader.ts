import { type Payload } from '../../core/engine/engine.js';
import { type Delta, type Item } from '../../core/events/catalogue.js';
import { type TurnEvent } from '../../core/turns/turn-event.js';
import { type TurnNews } from '../../core/turns/turn-feed.js';
import { UsageMeter } from '../../core/turns/turn-usage.js';
import { toTurnOutcome } from '../openai/turn-outcome.js';
import { type AnswerPart, type FinishReason } from './answer-parts.js';
import { LimitedText, type TextLimits } from './text-limits.js';

const BETWEEN_MESSAGES = '\n\n';

/** The item that the model is at, what was told of it, and the way back to where it began. */
interface Begun {
  itemId: string;
  textChars: number;
  reasoningChars: number;
  undo: () => void;
}

/** Makes the parts of one answer out of a turn's news. Throws what the turn failed with. */
export class AnswerReader {
  readonly #usage = new UsageMeter();
  readonly #limited: LimitedText;
  /** How much of each message was told in deltas. */
  readonly #toldChars = new Map<string, number>();
  /** The thoughts of an item come as a summary, as they are, or as both: the kind that came first is told. */
  readonly #thoughtKinds = new Map<string, string>();
  #lastThought = '';
  #messageId: string | undefined;
  #begun: Begun | undefined;

  constructor(limits: TextLimits) {
    this.#limited = new LimitedText(limits);
  }

  take(news: TurnNews): AnswerPart[] {
    if (news.type === 'parked') {
      return [...this.#restOfText(), { type: 'calls', calls: news.calls }, this.#end('tool_calls', true)];
    }
    this.#usage.take(news.event);
    const parts = this.#takeEvent(news.event);
    const { cutBy } = this.#limited;
    return cutBy && parts.at(-1)?.type !== 'end' ? [...parts, this.#end(cutBy, false)] : parts;
  }

  #takeEvent({ type, payload }: TurnEvent): AnswerPart[] {
    switch (type) {
      case 'item/agentMessage/delta':
        return this.#text(payload.item_id, payload.delta);
      case 'item/completed':
        return this.#missingText(payload.item);
      case 'item/reasoning/summaryTextDelta':
        return this.#thought('summary', payload, payload.summary_index);
      case 'item/reasoning/textDelta':
        return this.#thought('text', payload, payload.content_index);
      case 'item/abandoned':
        return this.#retract(payload.item_id);
      case 'turn/completed':
        return this.#completed(payload.turn ?? {});
      case 'turn/cancelled':
        return this.#completed({ status: 'interrupted' });
      default:
        return [];
    }
  }

  #completed(turn: Payload): AnswerPart[] {
    const reason = toTurnOutcome(turn);
    const rest = this.#restOfText();
    const { cutBy } = this.#limited;
    return [...rest, this.#end(cutBy ?? reason, cutBy === undefined && reason === 'stop')];
  }

  #end(reason: FinishReason, isWhole: boolean): AnswerPart {
    return { type: 'end', reason, usage: this.#usage.total, isWhole };
  }

  #text(itemId: string, delta: string): AnswerPart[] {
    const begun = this.#begin(itemId);
    const isNext = this.#messageId !== undefined && this.#messageId !== itemId && !this.#toldChars.has(itemId);
    this.#messageId = itemId;
    this.#toldChars.set(itemId, (this.#toldChars.get(itemId) ?? 0) + delta.length);
    const text = this.#limited.take(isNext ? BETWEEN_MESSAGES + delta : delta);
    begun.textChars += text.length;
    return toText(text);
  }

  /** Items are told one after the other: what comes of one ends with the next. */
  #begin(itemId: string): Begun {
    if (this.#begun?.itemId !== itemId) {
      const [messageId, lastThought, undoLimits] = [this.#messageId, this.#lastThought, this.#limited.save()];
      const undo = (): void => {
        this.#messageId = messageId;
        this.#lastThought = lastThought;
        undoLimits();
      };
      this.#begun = { itemId, textChars: 0, reasoningChars: 0, undo };
    }
    return this.#begun;
  }

  /** The model is asked again for this item: what was told of it is none of the answer. */
  #retract(itemId: string): AnswerPart[] {
    if (this.#begun?.itemId !== itemId) {
      return [];
    }
    const { textChars, reasoningChars, undo } = this.#begun;
    this.#begun = undefined;
    undo();
    return textChars + reasoningChars === 0 ? [] : [{ type: 'retract', textChars, reasoningChars }];
  }

  /** An engine that tells a message without its deltas tells it when it is complete. */
  #missingText({ id, type, text }: Item): AnswerPart[] {
    if (type !== 'agent_message' || typeof text !== 'string') {
      return [];
    }
    const missing = text.slice(this.#toldChars.get(id) ?? 0);
    return missing === '' ? [] : this.#text(id, missing);
  }

  #restOfText(): AnswerPart[] {
    return toText(this.#limited.rest());
  }

  #thought(kind: string, { item_id: id, delta }: Delta, index: unknown): AnswerPart[] {
    if ((this.#thoughtKinds.get(id) ?? kind) !== kind) {
      return [];
    }
    const begun = this.#begin(id);
    this.#thoughtKinds.set(id, kind);
    const place = `${id} ${String(index)}`;
    const isNext = this.#lastThought !== '' && this.#lastThought !== place;
    this.#lastThought = place;
    const text = isNext ? BETWEEN_MESSAGES + delta : delta;
    this.#limited.spend(text);
    begun.reasoningChars += text.length;
    return [{ type: 'reasoning', text }];
  }
}

function toText(text: string): AnswerPart[] {
  return text === '' ? [] : [{ type: 'text', text }];
}
