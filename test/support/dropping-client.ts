import { type App } from './start-app.js';
import { type SseFrame } from './sse-reader.js';

/**
 * Follows a thread like a client with a bad connection: each connection is dropped after as many events as `next` says,
 * and the next one, as after `stream/lagged`, resumes after the last event that arrived. Ends with the frame that `isLast` accepts.
 */
export async function followWithDrops(
  app: App,
  threadId: string,
  next: () => number,
  isLast: (frame: SseFrame) => boolean,
): Promise<{ events: SseFrame[]; connections: number }> {
  const events: SseFrame[] = [];
  for (let connections = 1; ; connections += 1) {
    const headers = { 'last-event-id': events.at(-1)?.id ?? '0' };
    const stream = await app.stream(threadId, '', { headers });
    const wanted = next();
    let count = 0;
    await stream.until((frame) => {
      count += frame.id === undefined ? 0 : 1;
      return count >= wanted || isLast(frame) || frame.event === 'stream/lagged';
    });
    stream.close();
    // What came in the same packet behind the drop never arrived.
    events.push(...stream.events.slice(0, count));
    const last = events.at(-1);
    if (last && isLast(last)) {
      return { events, connections };
    }
  }
}
