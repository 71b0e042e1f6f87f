import { type EngineQuestion } from '../engine/engine.js';
import { type Item, type ServiceEvent, toKnownEvent } from '../events/catalogue.js';
import { type ThreadContext } from '../threads/thread-context.js';
import { ItemIds } from './item-ids.js';

/** Keeps the items of one thread in their order, as the engine tells of them. */
export class ItemRegistry {
  readonly #ids = new ItemIds();
  readonly #positions = new Map<string, number>();
  #nextPosition: number;
  /** Messages that are being written: an interrupted one is never completed by the engine, and would be lost. */
  readonly #drafts = new Map<string, { turnId: string; item: Item; parts: string[] }>();

  constructor(
    private readonly threadId: string,
    private readonly context: ThreadContext,
  ) {
    this.#nextPosition = context.turns.nextPositions(threadId).item;
  }

  /** Takes what an item notification says of the thread's items. Hot: deltas pass here. */
  take(turnId: string, event: ServiceEvent): void {
    switch (event.type) {
      case 'item/agentMessage/delta':
        this.#drafts.get(event.payload.item_id)?.parts.push(event.payload.delta);
        return;
      case 'item/started':
        this.#started(turnId, event.payload.item);
        return;
      case 'item/completed':
        this.#completed(turnId, event.payload.item);
        return;
      default:
    }
  }

  #started(turnId: string, item: Item): void {
    this.#put(turnId, item);
    if (item.type === 'agent_message') {
      this.#drafts.set(item.id, { turnId, item, parts: [] });
    }
  }

  #completed(turnId: string, item: Item): void {
    this.#recallPosition(turnId, item);
    this.#put(turnId, item);
    this.#drafts.delete(item.id);
  }

  /** What the engine said of a turn, with each item under its own id. */
  translate(turnId: string, event: ServiceEvent): ServiceEvent {
    return this.#ids.translate(turnId, event);
  }

  /** What the engine asks about an item, under that item's own id. */
  translateQuestion(turnId: string | null, question: EngineQuestion): EngineQuestion {
    const { itemId, payload } = question;
    return turnId === null || itemId === null ? question : { ...question, ...this.#ids.ask(turnId, itemId, payload) };
  }

  /** The engine asks the model again: what it had begun to say before its stream broke is none of the thread's. */
  abandon(turnId: string): void {
    const { threadId } = this;
    for (const { itemId, type } of this.#ids.abandon(turnId)) {
      const event = toKnownEvent('item/abandoned', { item_id: itemId, item_type: type });
      this.context.recorder.event({ threadId, turnId, event });
      this.context.recorder.deleteItem({ threadId, turnId, itemId });
      this.#drafts.delete(itemId);
      this.#positions.delete(`${turnId}\n${itemId}`);
    }
  }

  /** The turn is over: what was written of its messages is kept as it stands. */
  endTurn(turnId: string): void {
    for (const [itemId, { turnId: ownTurnId, item, parts }] of this.#drafts) {
      if (ownTurnId === turnId) {
        this.#put(turnId, { ...item, text: parts.join('') });
        this.#drafts.delete(itemId);
      }
    }
    this.#ids.endTurn(turnId);
    this.#forgetAllBut(turnId);
  }

  /** Stores the latest state of an item under its own turn, which need not be the active one. */
  #put(turnId: string, item: Item): void {
    const { id: itemId } = item;
    const key = `${turnId}\n${itemId}`;
    let position = this.#positions.get(key);
    if (position === undefined) {
      position = this.#nextPosition;
      this.#nextPosition += 1;
      this.#positions.set(key, position);
    }
    this.context.recorder.item({ threadId: this.threadId, turnId, itemId, position, json: JSON.stringify(item) });
  }

  /** An item may end so late that its place was forgotten, as a command does whose turn was interrupted. */
  #recallPosition(turnId: string, item: Item): void {
    const key = `${turnId}\n${item.id}`;
    if (!this.#positions.has(key)) {
      const stored = this.context.turns.itemsOf(this.threadId, [turnId]).find(({ itemId }) => itemId === item.id);
      if (stored) {
        this.#positions.set(key, stored.position);
      }
    }
  }

  /** The next item takes this place. */
  rewind(position: number): void {
    this.#nextPosition = position;
  }

  /** The places of a finished turn's items are needed no more, save for those that come late: the last turn's stay. */
  #forgetAllBut(turnId: string): void {
    for (const key of this.#positions.keys()) {
      if (!key.startsWith(`${turnId}\n`)) {
        this.#positions.delete(key);
      }
    }
  }
}
