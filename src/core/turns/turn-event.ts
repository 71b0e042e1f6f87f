import { type ServiceEvent, toServiceEvent } from '../events/catalogue.js';
import { type Payload } from '../engine/payload.js';
import { type StoredEvent } from '../events/event.js';

/** A durable event of a turn, decoded. */
export type TurnEvent = ServiceEvent & {
  /** Its number in the thread. */
  readonly seq: number;
  readonly emittedAtMs: number;
};

export function toTurnEvent({ seq, name, data, emittedAtMs }: StoredEvent): TurnEvent {
  return { ...toServiceEvent(name, JSON.parse(data) as Payload), seq, emittedAtMs };
}

/** Whether the turn says nothing after this. */
export function isTurnEnd({ type }: Pick<TurnEvent, 'type'>): boolean {
  return type === 'turn/completed' || type === 'turn/cancelled';
}
