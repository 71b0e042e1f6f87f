import { type Payload } from '../../../core/engine/engine.js';

/** One event of a response's stream, numbered from 0. */
export type StreamEvent = Payload & { readonly type: string; readonly sequence_number: number };

/** The last event of each stream. */
const TERMINAL: ReadonlySet<string> = new Set(['response.completed', 'response.failed', 'response.incomplete']);

export function isTerminal({ type }: StreamEvent): boolean {
  return TERMINAL.has(type);
}

/** Numbers events and gathers them until they are taken. */
export class EventWriter {
  #nextNumber = 0;
  #events: StreamEvent[] = [];

  write(type: string, fields: Payload): void {
    this.#events.push({ type, sequence_number: this.#nextNumber, ...fields });
    this.#nextNumber += 1;
  }

  takeAll(): StreamEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
