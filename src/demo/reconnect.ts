import { check, type Conversation, isEndOf } from './conversation.js';
import { type EventStream, type StreamEvent } from './event-stream.js';
import { paint, print, printProof } from './terminal.js';

const DELTAS_BEFORE_CUT = 8;
const EVENTS_MISSED = 10;

const SCRIPT = [
  'pace: 12ms',
  'say: These words come one by one. In their midst the connection is lost. Nobody waits for us,' +
    ' the words go on. Then we are back, and say what we saw last.',
];

/**
 * Loses the connection in the middle of a text and comes back later with `Last-Event-ID`, then compares what was seen,
 * byte by byte, with what a second subscriber saw who was there all the time.
 */
export async function reconnect(conversation: Conversation): Promise<void> {
  const witness = await conversation.api.subscribeQuietly(`${conversation.path}/events`, conversation.lastId);
  const seen: StreamEvent[] = [];
  const turnId = await conversation.submit(SCRIPT);
  await conversation.follow((event) => {
    seen.push(event);
    return seen.filter(({ name }) => name === 'item/agentMessage/delta').length === DELTAS_BEFORE_CUT;
  });
  conversation.hangUp();
  const cutId = conversation.lastId;
  print(paint(['yellow', 'bold'], `   ✂ the connection is lost after event ${String(cutId)}`));
  const expected = await readUntil(witness, ({ id }) => id === cutId + EVENTS_MISSED);
  print(paint('dim', `     … meanwhile ${String(EVENTS_MISSED)} more events, which a second subscriber sees`));

  await conversation.subscribe();
  let replayedToId = cutId;
  await conversation.follow((event) => {
    seen.push(event);
    replayedToId = event.name === 'stream/live' ? conversation.lastId : replayedToId;
    return isEndOf(turnId, event);
  });
  expected.push(...(await readUntil(witness, (event) => isEndOf(turnId, event))));
  witness.cut();
  prove(seen, expected, { cutId, replayedToId });
}

async function readUntil(stream: EventStream, isLast: (event: StreamEvent) => boolean): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for (;;) {
    const event = await stream.next();
    events.push(event);
    if (isLast(event)) {
      return events;
    }
  }
}

function prove(
  seen: readonly StreamEvent[],
  expected: readonly StreamEvent[],
  { cutId, replayedToId }: { cutId: number; replayedToId: number },
): void {
  const ours = seen.filter(({ id }) => id !== null);
  const theirs = expected.filter(({ id }) => id !== null);
  const isSame = ours.length === theirs.length && ours.every(({ text }, index) => text === theirs[index]?.text);
  check(isSame, `the reconnected subscriber saw ${toIds(ours)}, the other one ${toIds(theirs)}`);
  const firstId = ours[0]?.id ?? 0;
  check(
    ours.every(({ id }, index) => id === firstId + index),
    `there is a hole or a repeat in ${toIds(ours)}`,
  );
  const lastId = firstId + ours.length - 1;
  printProof(
    `ids ${String(firstId)} to ${String(lastId)}, no hole, no repeat: ${String(cutId - firstId + 1)} before the cut, ` +
      `${String(replayedToId - cutId)} replayed, ${String(lastId - replayedToId)} live`,
  );
  printProof(`the second subscriber, never cut, saw the same ${String(theirs.length)} events, byte for byte`);
}

function toIds(events: readonly StreamEvent[]): string {
  return events.map(({ id }) => String(id)).join(', ');
}
