import { type Payload } from '../../core/engine/engine.js';
import { isPayload } from '../../core/threads/thread-events.js';
import { type TurnEvent } from '../../core/turns/turn-event.js';
import { type TurnNews } from '../../core/turns/turn-feed.js';
import { UsageMeter } from '../../core/turns/turn-usage.js';
import { toTurnOutcome } from '../openai/turn-outcome.js';
import { type AnswerPart, type FinishReason } from './answer-parts.js';
import { LimitedText, type TextLimits } from './text-limits.js';

const BETWEEN_MESSAGES = '\n\n';

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

  #takeEvent({ name, payload }: TurnEvent): AnswerPart[] {
    switch (name) {
      case 'item/agentMessage/delta':
        return this.#text(String(payload.item_id), String(payload.delta));
      case 'item/completed':
        return this.#missingText(payload.item);
      case 'item/reasoning/summaryTextDelta':
        return this.#thought('summary', payload, payload.summary_index);
      case 'item/reasoning/textDelta':
        return this.#thought('text', payload, payload.content_index);
      case 'turn/completed':
        return this.#completed(payload.turn);
      case 'turn/cancelled':
        return this.#completed({ status: 'interrupted' });
      default:
        return [];
    }
  }

  #completed(turn: unknown): AnswerPart[] {
    const reason = toTurnOutcome(isPayload(turn) ? turn : {});
    const rest = this.#restOfText();
    const { cutBy } = this.#limited;
    return [...rest, this.#end(cutBy ?? reason, cutBy === undefined && reason === 'stop')];
  }

  #end(reason: FinishReason, isWhole: boolean): AnswerPart {
    return { type: 'end', reason, usage: this.#usage.total, isWhole };
  }

  #text(itemId: string, delta: string): AnswerPart[] {
    const isNext = this.#messageId !== undefined && this.#messageId !== itemId && !this.#toldChars.has(itemId);
    this.#messageId = itemId;
    this.#toldChars.set(itemId, (this.#toldChars.get(itemId) ?? 0) + delta.length);
    return toText(this.#limited.take(isNext ? BETWEEN_MESSAGES + delta : delta));
  }

  /** An engine that tells a message without its deltas tells it when it is complete. */
  #missingText(item: unknown): AnswerPart[] {
    if (!isPayload(item) || item.type !== 'agent_message' || typeof item.text !== 'string') {
      return [];
    }
    const missing = item.text.slice(this.#toldChars.get(String(item.id)) ?? 0);
    return missing === '' ? [] : this.#text(String(item.id), missing);
  }

  #restOfText(): AnswerPart[] {
    return toText(this.#limited.rest());
  }

  #thought(kind: string, { item_id: itemId, delta }: Payload, index: unknown): AnswerPart[] {
    const id = String(itemId);
    if ((this.#thoughtKinds.get(id) ?? kind) !== kind) {
      return [];
    }
    this.#thoughtKinds.set(id, kind);
    const place = `${id} ${String(index)}`;
    const isNext = this.#lastThought !== '' && this.#lastThought !== place;
    this.#lastThought = place;
    const text = isNext ? BETWEEN_MESSAGES + String(delta) : String(delta);
    this.#limited.spend(text);
    return [{ type: 'reasoning', text }];
  }
}

function toText(text: string): AnswerPart[] {
  return text === '' ? [] : [{ type: 'text', text }];
}
