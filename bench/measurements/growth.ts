import type { Bench } from '../support/bench.ts';
import type { Child } from '../support/child.ts';
import { EventStream } from '../support/event-stream.ts';
import { type Finding, toFigure, type Limit } from '../support/finding.ts';
import type { Seeded } from '../support/seed.ts';
import { type Server, TOKEN } from '../support/server.ts';
import { type Comparison, compare, nowMs, percentile } from '../support/statistics.ts';
import type { LoadMethods } from '../children/load.ts';

const SMALL = { threads: 10, events: 100 };
const LARGE = { threads: 10_000, events: 1_000_000 };
/** As many as the small one has. */
const REPLAYED = 100;
const LISTED = 10;

type Subject = { server: Server } & Seeded & { events: number };

/** Whether reads stay as quick with 10,000 threads as with 10, and streams with 1,000,000 events as with 100. */
export async function measureGrowth(bench: Bench): Promise<Finding[]> {
  const small = { ...(await bench.seededServer(SMALL)), events: SMALL.events };
  const large = { ...(await bench.seededServer(LARGE)), events: LARGE.events };
  const load = bench.load();
  const rounds = bench.pick(7, 2);
  const durationMs = bench.pick(400, 200);
  const reads = (toPath: (subject: Subject) => string): Promise<Comparison> =>
    compareSubjects(rounds, [small, large], (subject) => readMs(load, subject.server, toPath(subject), durationMs));
  const connects = bench.pick(40, 15);
  return [
    toFinding('GET thread, 10,000 threads ÷ 10', { atMost: 1.2 }, await reads(toThreadPath)),
    toFinding('GET list of 10, 10,000 threads ÷ 10', { atMost: 1.2 }, await reads(toListPath)),
    toFinding(
      'connecting to a stream, 1,000,000 events ÷ 100',
      { atMost: 1.3 },
      await compareSubjects(rounds, [small, large], (subject) => openMs(subject, connects, '')),
    ),
    toFinding(
      'connecting and replaying 100, 1,000,000 events ÷ 100',
      { atMost: 1.3 },
      await compareSubjects(rounds, [small, large], (subject) =>
        openMs(subject, connects, `?after=${String(subject.events - REPLAYED)}`),
      ),
    ),
  ];
}

const toListPath = (): string => `/api/v2/threads?limit=${String(LISTED)}`;
const toThreadPath = ({ threadId }: Subject): string => `/api/v2/threads/${threadId}`;

function toFinding(goal: string, limit: Limit, { ratio, ours, baseline }: Comparison): Finding {
  const detail = `${toFigure(ours, 'ms')} beside ${toFigure(baseline, 'ms')}`;
  return { goal, value: ratio, unit: 'ratio', limit, detail };
}

function compareSubjects(
  rounds: number,
  [small, large]: [Subject, Subject],
  measure: (subject: Subject) => Promise<number>,
): Promise<Comparison> {
  return compare(
    rounds,
    () => measure(small),
    () => measure(large),
  );
}

async function readMs(load: Child<LoadMethods>, { port }: Server, path: string, durationMs: number): Promise<number> {
  const { p50Ms } = await load.call('run', { port, path, token: TOKEN, connections: 1, durationMs });
  return p50Ms;
}

/** From the request to `stream/live`, one stream after the other; the median. */
async function openMs({ server, longThreadId }: Subject, times: number, query: string): Promise<number> {
  const url = `${server.url}/api/v2/threads/${longThreadId}/events${query}`;
  const waitedMs: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const live = Promise.withResolvers<undefined>();
    const beganMs = nowMs();
    const stream = await EventStream.open(url, TOKEN, (frame) => {
      if (frame.startsWith('event: stream/live')) {
        live.resolve(undefined);
      }
    });
    await live.promise;
    waitedMs.push(nowMs() - beganMs);
    stream.close();
  }
  return percentile(waitedMs, 50);
}
