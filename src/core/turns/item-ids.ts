import { type Payload } from '../engine/payload.js';
import { type ServiceEvent, withPayload } from '../events/catalogue.js';

/** One item among those for which the engine has the same id. */
interface Occurrence {
  itemId: string;
  type: string;
  /** Tells apart items that run at once. */
  command: unknown;
  /** `announced`: the model has called for it, and the engine has not begun. */
  stage: 'announced' | 'open' | 'done';
  isAsked: boolean;
}

/** What a model makes while its answer streams: when the stream breaks, one that is open is never completed. */
const STREAMED: ReadonlySet<string> = new Set(['agent_message', 'image_generation', 'plan', 'reasoning', 'web_search']);

const ID_KEYS = ['item_id', 'call_id', 'target_item_id'] as const;

/**
 * Gives each item of a thread an id of its own. The engine passes on the ids of the model's provider, and some providers
 * number theirs anew in every answer (`msg_0`, `exec_command:0`): by such an id items would replace each other.
 */
export class ItemIds {
  readonly #turns = new Map<string, TurnIds>();

  /** What the engine said of a turn, with our ids in place of its own. The same object where they are equal. Hot. */
  translate(turnId: string, event: ServiceEvent): ServiceEvent {
    return withPayload(event, toOwnPayload(event, this.#of(turnId)));
  }

  /** A question of the engine's about an item; `itemId` is that of the item, by the engine's word. */
  ask(turnId: string, itemId: string, payload: Payload): { itemId: string; payload: Payload } {
    const ownId = this.#of(turnId).ask(itemId);
    const own = ID_KEYS.reduce((told, key) => (told[key] === itemId ? withId(told, key, ownId) : told), payload);
    return { itemId: ownId, payload: own };
  }

  /** The engine asks the model again: what is open of its last answer comes to nothing. */
  abandon(turnId: string): { itemId: string; type: string }[] {
    return this.#turns.get(turnId)?.abandon() ?? [];
  }

  /** The ids of finished turns are needed no more, save for items that end late: the last turn's stay, and those open. */
  endTurn(turnId: string): void {
    for (const [id, ids] of this.#turns) {
      if (id !== turnId && !ids.hasOpen) {
        this.#turns.delete(id);
      }
    }
  }

  #of(turnId: string): TurnIds {
    let ids = this.#turns.get(turnId);
    if (!ids) {
      ids = new TurnIds(turnId);
      this.#turns.set(turnId, ids);
    }
    return ids;
  }
}

/** The ids of a turn's items, in their order, where the turn is read as a whole: those that repeat are told apart. */
export function toItemIds(engineIds: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return engineIds.map((id) => {
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    return count === 1 ? id : `${id}_${String(count)}`;
  });
}

function toOwnPayload(event: ServiceEvent, ids: TurnIds): Payload {
  switch (event.type) {
    case 'item/started':
      return withItem(event.payload, (item) => withId(item, 'id', ids.start(item)));
    case 'item/completed':
      return withItem(event.payload, (item) => withId(item, 'id', ids.complete(item)));
    case 'rawResponseItem/completed':
      return withItem(event.payload, (item) => ids.raw(item));
    case 'turn/completed':
      return withTurnItems(event.payload, (item) => withId(item, 'id', ids.current(item.id)));
    default:
      return ID_KEYS.reduce<Payload>((told, key) => withId(told, key, ids.current(told[key])), event.payload);
  }
}

class TurnIds {
  /** By the engine's id, in their order. */
  readonly #occurrences = new Map<string, Occurrence[]>();

  constructor(private readonly turnId: string) {}

  get hasOpen(): boolean {
    return [...this.#occurrences.values()].some((all) => all.some(({ stage }) => stage === 'open'));
  }

  start({ id, type, command }: Payload): string {
    const announced = this.#find(id, ({ stage }) => stage === 'announced');
    const occurrence = announced ?? this.#add(id, 'open');
    return Object.assign(occurrence, { stage: 'open', type: toText(type), command }).itemId;
  }

  complete({ id, type, command }: Payload): string {
    const isOpen = ({ stage }: Occurrence): boolean => stage === 'open';
    const occurrence =
      this.#find(id, (one) => isOpen(one) && one.type === type && one.command === command) ??
      this.#find(id, isOpen) ??
      this.#find(id, ({ stage }) => stage === 'announced') ??
      this.#add(id, 'done');
    occurrence.stage = 'done';
    return occurrence.itemId;
  }

  ask(id: string): string {
    const occurrence = this.#find(id, ({ stage, isAsked }) => stage !== 'done' && !isAsked) ?? this.#latest(id);
    if (occurrence) {
      occurrence.isAsked = true;
    }
    return occurrence?.itemId ?? this.#toOwn(id, 0);
  }

  /** The model's own form of an item: a call comes before what the engine makes of it, its output after. */
  raw(item: Payload): Payload {
    const { id, call_id: callId, type } = item;
    if (typeof callId !== 'string') {
      return withId(item, 'id', this.current(id));
    }
    if (toText(type).endsWith('_output')) {
      const made = this.#find(callId, ({ stage }) => stage === 'announced');
      if (made) {
        made.stage = 'done';
      }
      return withId(item, 'call_id', made?.itemId ?? this.current(callId));
    }
    const ownId = typeof id === 'string' ? this.#add(id, 'done').itemId : id;
    return withId(withId(item, 'id', ownId), 'call_id', this.#add(callId, 'announced').itemId);
  }

  /** The item that is spoken of last by this id. */
  current(id: unknown): unknown {
    return typeof id === 'string' ? (this.#latest(id)?.itemId ?? this.#toOwn(id, 0)) : id;
  }

  abandon(): Occurrence[] {
    const open = [...this.#occurrences.values()]
      .flat()
      .filter(({ stage, type }) => stage === 'open' && STREAMED.has(type));
    for (const occurrence of open) {
      occurrence.stage = 'done';
    }
    return open;
  }

  #find(id: unknown, fits: (occurrence: Occurrence) => boolean): Occurrence | undefined {
    return this.#occurrences.get(toText(id))?.find(fits);
  }

  #latest(id: string): Occurrence | undefined {
    const all = this.#occurrences.get(id);
    return (
      all?.findLast(({ stage }) => stage === 'open') ?? all?.findLast(({ stage }) => stage === 'done') ?? all?.at(-1)
    );
  }

  #add(given: unknown, stage: Occurrence['stage']): Occurrence {
    const id = toText(given);
    const all = this.#occurrences.get(id) ?? [];
    this.#occurrences.set(id, all);
    const occurrence = { itemId: this.#toOwn(id, all.length), type: '', command: undefined, stage, isAsked: false };
    all.push(occurrence);
    return occurrence;
  }

  #toOwn(id: string, before: number): string {
    const own = isUnique(id) ? id : `${id}_${this.turnId.replaceAll('-', '').slice(-12)}`;
    return before === 0 ? own : `${own}_${String(before + 1)}`;
  }
}

/** Whether an id is none that a provider has counted: it ends with a random text. */
function isUnique(id: string): boolean {
  const [end = ''] = /[A-Za-z0-9]*$/.exec(id.replaceAll('-', '')) ?? [];
  return end.length >= 16 && /\d/.test(end);
}

function withItem(payload: Payload & { item: Payload }, change: (item: Payload) => Payload): Payload {
  const changed = change(payload.item);
  return changed === payload.item ? payload : { ...payload, item: changed };
}

function withTurnItems(payload: Payload & { turn?: Payload }, change: (item: Payload) => Payload): Payload {
  const { turn } = payload;
  if (!Array.isArray(turn?.items) || turn.items.length === 0) {
    return payload;
  }
  return { ...payload, turn: { ...turn, items: (turn.items as Payload[]).map(change) } };
}

function withId(payload: Payload, key: string, id: unknown): Payload {
  return payload[key] === id ? payload : { ...payload, [key]: id };
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
