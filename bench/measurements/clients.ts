import type { Bench } from '../support/bench.ts';
import { type Finding, toFigure } from '../support/finding.ts';
import { residentBytes } from '../support/processes.ts';
import { type Server, TOKEN } from '../support/server.ts';
import { compare, nowMs, percentile } from '../support/statistics.ts';
import type { Child } from '../support/child.ts';
import type { LoadMethods } from '../children/load.ts';

const IDLE_STREAMS = 2_000;
const UNREAD_STREAMS = 20;
const SLOW_SENDERS = 200;
const CONNECTIONS = 16;
const MEGABYTE = 1024 * 1024;
/** A reader keeps up with it; together the turns hold more than the sockets of an unread stream take. */
const TURN = 'deltas: 2000 size=500';
const TURNS = 15;

/**
 * What bad clients cost the good ones: a server with 2,000 idle streams, readers that never read, and a slowloris of headers
 * and of bodies, beside a server that has none of them.
 */
export async function measureClients(bench: Bench): Promise<Finding[]> {
  const [quiet, troubled] = [await bench.server(), await bench.server()];
  const threads = { quiet: await quiet.createThread(), troubled: await troubled.createThread() };
  const idleMb = await openIdle(bench, troubled, await troubled.createThread());
  const bad = bench.badClients();
  const events = `/api/v2/threads/${threads.troubled}/events`;
  const target = { port: troubled.port, token: TOKEN };
  await bad.call('openUnread', { ...target, path: events, count: UNREAD_STREAMS });
  await bad.call('drip', { ...target, path: '/api/v2/threads', count: SLOW_SENDERS, what: 'headers' });
  await bad.call('drip', { ...target, path: '/api/v2/threads', count: SLOW_SENDERS, what: 'body' });

  const load = bench.load();
  const durationMs = bench.pick(1_000, 400);
  const latenciesMs: number[] = [];
  const reads = await compare(
    bench.pick(5, 2),
    async () => (await read(load, quiet, threads.quiet, durationMs)).perSecond,
    async () => {
      const { perSecond, p95Ms } = await read(load, troubled, threads.troubled, durationMs);
      latenciesMs.push(p95Ms);
      return perSecond;
    },
  );
  const before = await residentBytes(troubled.pid);
  const turns = await compare(
    bench.pick(TURNS, 5),
    () => runTurn(quiet, threads.quiet),
    () => runTurn(troubled, threads.troubled),
  );
  const unreadMb = ((await residentBytes(troubled.pid)) - before) / MEGABYTE;
  bad.call('close').catch(() => undefined);
  const among = 'among bad clients';
  return [
    {
      goal: `GET thread ${among} ÷ without them`,
      value: reads.ratio,
      unit: 'ratio',
      limit: { atLeast: 0.7 },
      detail: `${toFigure(reads.ours, '/s')} beside ${toFigure(reads.baseline, '/s')}`,
    },
    {
      goal: `GET thread ${among}, p95`,
      value: percentile(latenciesMs, 50),
      unit: 'ms',
      limit: { atMost: 20 },
      detail: `${String(CONNECTIONS)} connections`,
    },
    {
      goal: `deltas a second to a good reader ${among} ÷ without them`,
      value: turns.ratio,
      unit: 'ratio',
      limit: { atLeast: 0.7 },
      detail: `${toFigure(turns.ours, '/s')} beside ${toFigure(turns.baseline, '/s')}`,
    },
    {
      goal: 'memory of 2,000 idle streams',
      value: idleMb,
      unit: 'MB',
      limit: { atMost: 150 },
      detail: `${toFigure((idleMb * 1024) / IDLE_STREAMS)} KB each`,
    },
    {
      goal: 'memory that 20 readers who never read make it grow by',
      value: unreadMb,
      unit: 'MB',
      limit: { atMost: 100 },
      detail: 'while 18 MB were sent to each',
    },
  ];
}

async function openIdle(bench: Bench, server: Server, threadId: string): Promise<number> {
  const streams = bench.streams();
  const path = `/api/v2/threads/${threadId}/events`;
  const before = await residentBytes(server.pid);
  const opening = { port: server.port, path, token: TOKEN, openMark: 'event: stream/live' };
  await streams.call('open', { ...opening, count: IDLE_STREAMS });
  return ((await residentBytes(server.pid)) - before) / MEGABYTE;
}

function read(
  load: Child<LoadMethods>,
  { port }: Server,
  threadId: string,
  durationMs: number,
): ReturnType<LoadMethods['run']> {
  const path = `/api/v2/threads/${threadId}`;
  return load.call('run', { port, path, token: TOKEN, connections: CONNECTIONS, durationMs });
}

/** Deltas a second, from the first to the last. */
async function runTurn(server: Server, threadId: string): Promise<number> {
  let count = 0;
  let beganMs = 0;
  await server.runTurn(threadId, TURN, () => {
    beganMs = count === 0 ? nowMs() : beganMs;
    count += 1;
  });
  return (count * 1000) / (nowMs() - beganMs);
}
