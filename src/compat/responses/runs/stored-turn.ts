import { type EventName, type EventPayloads, type Item, toKnownEvent } from '../../../core/events/catalogue.js';
import { type EventLog } from '../../../core/events/event-log.js';
import { type TurnEvent } from '../../../core/turns/turn-event.js';
import { type TurnIndex } from '../../../core/turns/turn-index.js';
import { type TurnRecord } from '../../../core/turns/turn-record.js';
import { type ResponseRecord } from '../store/response-record.js';
import { outputOf, type ResponseStore } from '../store/response-store.js';

/** Whether the turn is over, and some of what it said for this response is no longer in the log. */
export function isPastTelling({ threadId, afterSeq }: ResponseRecord, { status }: TurnRecord, log: EventLog): boolean {
  const isOver = status !== 'queued' && status !== 'in_progress';
  return isOver && threadId !== null && log.bounds(threadId).earliestSeq > afterSeq + 1;
}

/** What a turn that is over came to for this response, told by what is stored of it. */
export function toStoredEvents(
  record: ResponseRecord,
  turn: TurnRecord,
  { turns, store }: { turns: TurnIndex; store: ResponseStore },
): TurnEvent[] {
  const { threadId, turnId, status, error, completedAt, tokenUsage } = turn;
  const emittedAtMs = Date.parse(completedAt ?? turn.createdAt);
  const toEvent = <N extends EventName>(name: N, payload: EventPayloads[N]): TurnEvent => ({
    ...toKnownEvent(name, payload),
    ...{ seq: record.afterSeq, emittedAtMs },
  });
  const told = itemsToldBefore(record, store);
  const items = turns.itemsOf(threadId, [turnId]).map(({ json }) => JSON.parse(json) as Item);
  return [
    ...(told ? [] : [toEvent('rawResponse/completed', { usage: tokenUsage })]),
    ...items.filter(({ id }) => told?.has(id) !== true).map((item) => toEvent('item/completed', { item })),
    // Who interrupted it is not stored, but the server was.
    ...(status === 'interrupted' ? [toEvent('engine/restarted', {})] : []),
    status === 'cancelled' ? toEvent('turn/cancelled', {}) : toEvent('turn/completed', { turn: { status, error } }),
  ];
}

/** The ids of what the responses before told of the same turn, if there are any. */
function itemsToldBefore(record: ResponseRecord, store: ResponseStore): ReadonlySet<unknown> | undefined {
  let told: Set<unknown> | undefined;
  let before = store.findParent(record);
  while (before?.turnId === record.turnId) {
    told = new Set([...(told ?? []), ...outputOf(before).map(({ id }) => id)]);
    before = store.findParent(before);
  }
  return told;
}
