import { type Payload } from '../engine/payload.js';
import { type EventPayloads, type Item } from '../events/catalogue.js';
import { toCallerToolName } from './caller-tools.js';
import { type TurnEvent } from './turn-event.js';

/** A call of one of the caller's own functions, for whose output the turn waits. */
export interface CallerCall {
  callId: string;
  /** The model's id of the item, where the engine tells it; else the call's. */
  itemId: string;
  /** As the caller knows it. */
  name: string;
  /** JSON text, as the model wrote it where the engine tells that. */
  arguments: string;
}

/**
 * `now`: all calls that belong together are known. `when_quiet`: unless more come in a moment. `when_silent`: the model
 * has not finished, and calls may follow for as long as it speaks.
 */
export type Readiness = 'not' | 'when_silent' | 'when_quiet' | 'now';

/** Finds out of a turn's events when it waits for nothing but functions of the caller's, and for which. */
export class CallCollector {
  /** By call id, in the order in which the model made them. */
  readonly #open = new Map<string, CallerCall>();
  readonly #asked = new Set<string>();
  readonly #announced = new Set<string>();
  /** Told of by the engine, but maybe tools of its own. */
  readonly #raw = new Map<string, CallerCall>();
  /** What the engine does itself at this moment. */
  readonly #runningItems = new Set<string>();
  /** What the model is saying at this moment. */
  readonly #saidItems = new Set<string>();
  #isModelDone = false;

  constructor(
    /** Names of the caller's functions, as the engine knows them. */
    private readonly toolNames: ReadonlySet<string>,
  ) {}

  get calls(): readonly CallerCall[] {
    return [...this.#open.values()];
  }

  get readiness(): Readiness {
    if (this.#open.size === 0 || this.#runningItems.size > 0) {
      return 'not';
    }
    const callIds = [...this.#open.keys()];
    const isAnnounced = callIds.every((callId) => this.#announced.has(callId));
    // Where the engine tells what the model said, it tells of its end too.
    if (!this.#isModelDone && (isAnnounced || this.#saidItems.size > 0)) {
      return 'when_silent';
    }
    const isWhole = isAnnounced && callIds.every((callId) => this.#asked.has(callId));
    return isWhole ? 'now' : 'when_quiet';
  }

  take(event: TurnEvent): void {
    switch (event.type) {
      case 'rawResponseItem/completed':
        this.#takeRawItem(event.payload.item);
        return;
      case 'rawResponse/completed':
        this.#isModelDone = true;
        return;
      case 'item/tool/call':
        this.#ask(event.payload);
        return;
      case 'approval/resolved':
        this.#settle(event.payload);
        return;
      case 'item/abandoned':
        this.#saidItems.delete(event.payload.item_id);
        return;
      case 'item/started':
      case 'item/completed':
        this.#takeItem(event.type === 'item/started', event.payload.item);
        return;
      default:
    }
  }

  #takeRawItem(item: Payload): void {
    if (item.type !== 'function_call') {
      return;
    }
    const { call_id: callId, id, name } = item;
    if (typeof callId !== 'string' || typeof name !== 'string' || !this.toolNames.has(name)) {
      return;
    }
    this.#isModelDone = false;
    this.#announced.add(callId);
    const itemId = typeof id === 'string' ? id : callId;
    const call = { callId, itemId, name: toCallerToolName(name), arguments: toArguments(item.arguments) };
    this.#raw.set(callId, call);
    this.#open.set(callId, call);
  }

  #ask({ call_id: callId, tool, arguments: args }: EventPayloads['item/tool/call']): void {
    this.#asked.add(callId);
    const call = { callId, itemId: callId, name: toCallerToolName(tool), arguments: toArguments(args) };
    this.#open.set(callId, this.#raw.get(callId) ?? call);
  }

  #settle({ kind, item_id: callId }: Payload): void {
    if (kind === 'tool_call' && typeof callId === 'string') {
      this.#open.delete(callId);
      this.#isModelDone = false;
    }
  }

  #takeItem(isStart: boolean, item: Item): void {
    const items = SPOKEN.has(item.type) ? this.#saidItems : this.#runningItems;
    if (!isStart) {
      items.delete(item.id);
    } else if (!INERT.has(item.type)) {
      items.add(item.id);
    }
  }
}

const SPOKEN: ReadonlySet<string> = new Set(['agent_message', 'reasoning', 'plan']);

/** Neither said by the model nor carried out by the engine. */
const INERT: ReadonlySet<string> = new Set(['user_message', 'dynamic_tool_call']);

function toArguments(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? {});
}
