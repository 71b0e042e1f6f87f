import type { Bench } from '../support/bench.ts';
import { type Finding, toFigure } from '../support/finding.ts';
import { residentBytes } from '../support/processes.ts';
import { type Server, TOKEN } from '../support/server.ts';
import { compare, median, nowMs } from '../support/statistics.ts';
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
  const quiet = await toSubject(bench);
  const troubled = await toSubject(bench);
  const idleMb = await openIdle(bench, troubled.server);
  await openBad(bench, troubled);
  const reads = await measureReads(bench, quiet, troubled);
  return [...reads, toMemoryFinding(idleMb), ...(await measureTurns(bench, quiet, troubled))];
}

interface Subject {
  server: Server;
  threadId: string;
}

const AMONG = 'among bad clients';

async function toSubject(bench: Bench): Promise<Subject> {
  const server = await bench.server();
  return { server, threadId: await server.createThread() };
}

async function openBad(bench: Bench, { server, threadId }: Subject): Promise<void> {
  const bad = bench.badClients();
  const target = { port: server.port, token: TOKEN };
  const path = '/api/v2/threads';
  await bad.call('openUnread', { ...target, path: `${path}/${threadId}/events`, count: UNREAD_STREAMS });
  await bad.call('drip', { ...target, path, count: SLOW_SENDERS, what: 'headers' });
  await bad.call('drip', { ...target, path, count: SLOW_SENDERS, what: 'body' });
}

async function measureReads(bench: Bench, quiet: Subject, troubled: Subject): Promise<Finding[]> {
  const load = bench.load();
  const durationMs = bench.pick(1_000, 400);
  const latenciesMs: number[] = [];
  const rates = await compare(
    bench.pick(5, 2),
    async () => (await read(load, quiet, durationMs)).perSecond,
    async () => {
      const { perSecond, p95Ms } = await read(load, troubled, durationMs);
      latenciesMs.push(p95Ms);
      return perSecond;
    },
  );
  const goal = `GET thread ${AMONG}`;
  const detail = `${toFigure(rates.ours, '/s')} beside ${toFigure(rates.baseline, '/s')}`;
  const connections = `${String(CONNECTIONS)} connections`;
  return [
    { goal: `${goal} ÷ without them`, value: rates.ratio, unit: 'ratio', limit: { atLeast: 0.7 }, detail },
    { goal: `${goal}, p95`, value: median(latenciesMs), unit: 'ms', limit: { atMost: 20 }, detail: connections },
  ];
}

function toMemoryFinding(idleMb: number): Finding {
  const detail = `${toFigure((idleMb * 1024) / IDLE_STREAMS)} KB each`;
  return { goal: 'memory of 2,000 idle streams', value: idleMb, unit: 'MB', limit: { atMost: 150 }, detail };
}

async function measureTurns(bench: Bench, quiet: Subject, troubled: Subject): Promise<Finding[]> {
  const before = [await bytesOf(quiet), await bytesOf(troubled)] as const;
  const rates = await compare(
    bench.pick(TURNS, 5),
    () => runTurn(quiet),
    () => runTurn(troubled),
  );
  const [own, theirs] = [(await bytesOf(quiet)) - before[0], (await bytesOf(troubled)) - before[1]];
  const detail = `${toFigure(rates.ours, '/s')} beside ${toFigure(rates.baseline, '/s')}`;
  return [
    {
      goal: `deltas a second to a good reader ${AMONG} ÷ without them`,
      value: rates.ratio,
      unit: 'ratio',
      limit: { atLeast: 0.7 },
      detail,
    },
    {
      goal: 'memory that 20 readers who never read take',
      value: (theirs - own) / MEGABYTE,
      unit: 'MB',
      limit: { atMost: 100 },
      detail: `the same turns grow both servers: ${toFigure(theirs / MEGABYTE, 'MB')} beside ${toFigure(own / MEGABYTE, 'MB')}`,
    },
  ];
}

const bytesOf = ({ server }: Subject): Promise<number> => residentBytes(server.pid);

async function openIdle(bench: Bench, server: Server): Promise<number> {
  const streams = bench.streams();
  const threadId = await server.createThread();
  const path = `/api/v2/threads/${threadId}/events`;
  const before = await residentBytes(server.pid);
  const opening = { port: server.port, path, token: TOKEN, openMark: 'event: stream/live' };
  await streams.call('open', { ...opening, count: IDLE_STREAMS });
  return ((await residentBytes(server.pid)) - before) / MEGABYTE;
}

function read(
  load: Child<LoadMethods>,
  { server: { port }, threadId }: Subject,
  durationMs: number,
): ReturnType<LoadMethods['run']> {
  const path = `/api/v2/threads/${threadId}`;
  return load.call('run', { port, path, token: TOKEN, connections: CONNECTIONS, durationMs });
}

/** Deltas a second, from the first to the last. */
async function runTurn({ server, threadId }: Subject): Promise<number> {
  let count = 0;
  let beganMs = 0;
  await server.runTurn(threadId, TURN, () => {
    beganMs = count === 0 ? nowMs() : beganMs;
    count += 1;
  });
  return (count * 1000) / (nowMs() - beganMs);
}
