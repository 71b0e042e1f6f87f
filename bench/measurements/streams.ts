import type { Bench } from '../support/bench.ts';
import type { Child } from '../support/child.ts';
import { type Finding, toFigure } from '../support/finding.ts';
import { residentBytes } from '../support/processes.ts';
import { INSPECTED, TOKEN, type Server } from '../support/server.ts';
import { compare, summarize } from '../support/statistics.ts';
import type { BareMethods } from '../children/bare.ts';
import type { StreamsMethods } from '../children/streams.ts';

const STREAMS = 1_000;
const EVENTS_PER_TICK = 10;
const DELTA = 'event: item/agentMessage/delta';
const END = 'event: turn/completed';

/** Delivering to a thousand subscribers, beside bare node:http that writes each event to each of them. */
export async function measureFanOut(bench: Bench): Promise<Finding[]> {
  const server = await bench.server();
  const { bare, port: barePort } = await bench.bare();
  const threadId = await server.createThread();
  const ours = bench.streams();
  const theirs = bench.streams();
  const token = TOKEN;
  const path = `/api/v2/threads/${threadId}/events`;
  const open = { token, count: STREAMS };
  const opened = await ours.call('open', { ...open, port: server.port, path, openMark: 'event: stream/live' });
  await theirs.call('open', { ...open, port: barePort, path: '/stream', openMark: 'retry:' });
  const count = bench.pick(2_000, 1_000);
  const received = { streams: 0 };

  const rates = await compare(
    bench.pick(4, 1),
    () => rateOf(theirs, () => bare.call('broadcast', toBroadcast(threadId, count))),
    async () => {
      const rate = await rateOf(ours, () => runDeltas(server, threadId, count));
      received.streams = opened;
      return rate;
    },
  );
  const detail = `${toFigure(rates.ours, '/s')} deliveries beside ${toFigure(rates.baseline, '/s')}`;
  return [
    { goal: 'fan-out to 1,000 ÷ bare node:http', value: rates.ratio, unit: 'ratio', limit: { atLeast: 3 }, detail },
    {
      goal: 'concurrent streams, each sent everything',
      value: received.streams,
      unit: 'streams',
      limit: { atLeast: 1_000 },
      detail: `${String(count)} events to each`,
    },
  ];
}

/** What an open stream costs when nothing is sent, beside one of bare node:http. Fresh processes each round. */
export async function measureStreamMemory(bench: Bench): Promise<Finding[]> {
  const pairs: [number, number][] = [];
  for (let round = 0; round < bench.pick(3, 1); round += 1) {
    const server = await bench.server(INSPECTED);
    const { bare, port } = await bench.bare();
    const threadId = await server.createThread();
    const path = `/api/v2/threads/${threadId}/events`;
    const theirs = { port, path: '/stream', openMark: 'retry:' };
    const ours = { port: server.port, path, openMark: 'event: stream/live' };
    pairs.push([
      await bytesAStream(bench.streams(), { ...theirs, pid: bare.pid, collect: () => bare.call('collectGarbage') }),
      await bytesAStream(bench.streams(), { ...ours, pid: server.pid, collect: () => server.collectGarbage() }),
    ]);
    await bench.endAll();
  }
  const kilobytes = summarize(pairs.map(([baseline, own]) => [baseline / 1024, own / 1024]));
  const detail = `${toFigure(kilobytes.ours)} KB beside ${toFigure(kilobytes.baseline)} KB`;
  const goal = 'memory of an idle stream ÷ bare node:http';
  return [{ goal, value: kilobytes.ratio, unit: 'ratio', limit: { atMost: 1.5 }, detail }];
}

async function rateOf(streams: Child<StreamsMethods>, send: () => Promise<void>): Promise<number> {
  await streams.call('watch', { startMark: DELTA, endMark: END });
  const sent = send();
  const { streams: count, frames, ms } = await streams.call('watched');
  await sent;
  return (count * frames * 1000) / ms;
}

async function runDeltas(server: Server, threadId: string, count: number): Promise<void> {
  await server.runTurn(threadId, `deltas: ${String(count)} size=8 per-write=${String(EVENTS_PER_TICK)}`);
}

/** Frames of the size that the server's own have. */
function toBroadcast(threadId: string, count: number): Parameters<BareMethods['broadcast']>[0] {
  const data = {
    delta: '0001234 ',
    item_id: 'msg_0123456789abcdef0123456789abcdef',
    event: 'item/agentMessage/delta',
    thread_id: threadId,
    turn_id: threadId,
    seq: 1234,
    emitted_at: new Date(0).toISOString(),
  };
  const frame = `id: 1234\n${DELTA}\ndata: ${JSON.stringify(data)}\n\n`;
  return { frame, end: `${END}\ndata: {}\n\n`, count, perTick: EVENTS_PER_TICK };
}

interface Opened {
  port: number;
  path: string;
  openMark: string;
  pid: number;
  /** Both sides are looked at without the garbage that opening leaves: V8 lets it lie for as long as there is room. */
  collect: () => Promise<void>;
}

async function bytesAStream(streams: Child<StreamsMethods>, { pid, collect, ...at }: Opened): Promise<number> {
  const few = 500;
  await streams.call('open', { ...at, token: TOKEN, count: few });
  await collect();
  const before = await residentBytes(pid);
  const open = await streams.call('open', { ...at, token: TOKEN, count: 2_000 });
  await collect();
  const bytes = (await residentBytes(pid)) - before;
  await streams.call('close');
  return bytes / (open - few);
}
