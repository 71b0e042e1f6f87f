import { type ApiClient, type Json } from './api-client.js';
import { EventPrinter } from './event-printer.js';
import { type EventStream, type StreamEvent } from './event-stream.js';

interface Turn extends Json {
  turn_id: string;
  status: string;
}

/** One thread and its subscriber, who prints what comes. */
export class Conversation {
  /** In the order in which they were submitted. */
  readonly turnIds: string[] = [];
  readonly printer = new EventPrinter();
  /** The id of the last event that the subscriber saw. */
  lastId = 0;
  #stream: EventStream | undefined;

  constructor(
    readonly api: ApiClient,
    readonly path: string,
    /** The folder that the thread works in. */
    readonly workspace: string,
  ) {}

  /** Subscribes, or does so again, and asks for everything after the last event that was seen. */
  async subscribe(): Promise<void> {
    this.#stream = await this.api.subscribe(`${this.path}/events`, this.lastId);
  }

  hangUp(): void {
    this.#stream?.cut();
  }

  /** Reads and prints until one fits, and that one too. */
  async follow(isLast: (event: StreamEvent) => boolean, react?: (event: StreamEvent) => Promise<void>): Promise<void> {
    for (;;) {
      const event = await this.#next();
      this.printer.show(event);
      this.lastId = event.id ?? this.lastId;
      await react?.(event);
      if (isLast(event)) {
        this.printer.flush();
        return;
      }
    }
  }

  /** Submits a turn and resolves with its id. */
  async submit(script: readonly string[]): Promise<string> {
    const body = { input: [{ type: 'text', text: script.join('\n') }] };
    const { turn_id: turnId } = await this.api.post<Turn>(
      `${this.path}/turns`,
      body,
      ({ turn_id: id, status }) => `turn ${id}, ${status}`,
    );
    this.turnIds.push(turnId);
    return turnId;
  }

  /** Submits a turn and follows it to its end. */
  async runTurn(script: readonly string[], react?: (event: StreamEvent) => Promise<void>): Promise<void> {
    const turnId = await this.submit(script);
    await this.follow((event) => isEndOf(turnId, event), react);
  }

  async #next(): Promise<StreamEvent> {
    if (this.#stream === undefined) {
      throw new Error('Nobody has subscribed yet.');
    }
    return this.#stream.next();
  }
}

export function isEndOf(turnId: string, { name, data }: StreamEvent): boolean {
  return name === 'turn/completed' && data.turn_id === turnId;
}

/** Throws unless it is so. */
export function check(isSo: boolean, fault: string): void {
  if (!isSo) {
    throw new Error(`${fault}.`);
  }
}
