import { type Payload } from '../engine/payload.js';
import { type StoredEvent } from '../events/event.js';

/** A durable event of a turn, parsed. */
export interface TurnEvent {
  /** Its number in the thread. */
  seq: number;
  name: string;
  payload: Payload;
  emittedAtMs: number;
}

export function toTurnEvent({ seq, name, data, emittedAtMs }: StoredEvent): TurnEvent {
  return { seq, name, payload: JSON.parse(data) as Payload, emittedAtMs };
}

/** Whether the turn says nothing after this. */
export function isTurnEnd({ name }: Pick<TurnEvent, 'name'>): boolean {
  return name === 'turn/completed' || name === 'turn/cancelled';
}
