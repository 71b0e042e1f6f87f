import { type EventLog } from '../../../core/events/event-log.js';
import { toTurnEvent, type TurnEvent } from '../../../core/turns/turn-event.js';
import { type Payload } from '../../../core/engine/engine.js';
import { ResponseFold } from '../from-core/response-fold.js';
import { isTerminal, type StreamEvent } from '../from-core/stream-event.js';
import { type Item, pendingCalls, type ResponseRecord } from '../store/response-record.js';
import { outputOf } from '../store/response-store.js';

const PAGE = 500;

/**
 * The events of a response that is over, as they were told. Where the events of its turn are no longer kept, each item is
 * told as a whole.
 */
export async function* replay(record: ResponseRecord, log: EventLog): AsyncGenerator<StreamEvent> {
  if (!hasEvents(record, log)) {
    yield* retell(record);
    return;
  }
  const fold = new ResponseFold(record.head, record.fold);
  yield* fold.begin();
  for await (const event of turnEvents(record, log)) {
    yield* withFinal(fold.take(event, record.isCancelRequested), record);
  }
  const { end } = record;
  if (!fold.isEnded && end) {
    const events = end.type === 'lost' ? fold.lose(end.message, 0) : fold.park(pendingCalls(record), 0);
    yield* withFinal(events, record);
  }
}

/** Whether all that was told is still in the log: not trimmed, and not deleted with its thread. */
function hasEvents({ threadId, afterSeq, end }: ResponseRecord, log: EventLog): boolean {
  if (threadId === null) {
    return true;
  }
  const { earliestSeq, latestSeq } = log.bounds(threadId);
  return earliestSeq <= afterSeq + 1 && latestSeq >= (end?.seq ?? 0);
}

async function* turnEvents(record: ResponseRecord, log: EventLog): AsyncGenerator<TurnEvent> {
  const { threadId, turnId, afterSeq, end } = record;
  const lastSeq = end?.seq ?? 0;
  let after = afterSeq;
  while (threadId !== null && after < lastSeq) {
    const page = await log.read(threadId, after, PAGE);
    const own = page.filter((stored) => stored.seq <= lastSeq && stored.turnId === turnId);
    yield* own.map(toTurnEvent);
    after = page.at(-1)?.seq ?? lastSeq;
  }
}

/** The last event holds the response as it was stored, whose times are its own. */
function* withFinal(events: readonly StreamEvent[], { resource }: ResponseRecord): Generator<StreamEvent> {
  for (const event of events) {
    yield isTerminal(event) ? { ...event, response: resource } : event;
  }
}

function* retell(record: ResponseRecord): Generator<StreamEvent> {
  const fold = new ResponseFold(record.head, record.fold);
  const first = fold.begin();
  yield* first;
  let number = first.length;
  const event = (type: string, fields: Payload): StreamEvent => {
    number += 1;
    return { type, sequence_number: number - 1, ...fields };
  };
  for (const [index, item] of outputOf(record).entries()) {
    yield event('response.output_item.added', { output_index: index, item: toBegun(item) });
    yield event('response.output_item.done', { output_index: index, item });
  }
  yield event(TERMINALS[record.status] ?? 'response.incomplete', { response: record.resource });
}

const TERMINALS: Readonly<Record<string, string>> = { completed: 'response.completed', failed: 'response.failed' };

function toBegun(item: Item): Item {
  switch (item.type) {
    case 'message':
      return { ...item, status: 'in_progress', content: [] };
    case 'function_call':
      return { ...item, status: 'in_progress', arguments: '' };
    case 'custom_tool_call':
      return { ...item, status: 'in_progress', input: '' };
    case 'reasoning':
      return { ...item, status: 'in_progress', summary: [] };
    default:
      return { ...item, status: 'in_progress' };
  }
}
