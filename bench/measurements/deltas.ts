import type { Bench } from '../support/bench.ts';
import { type Finding, toFigure } from '../support/finding.ts';
import { type Server, TOKEN } from '../support/server.ts';
import { compare, median, nowMs, percentile } from '../support/statistics.ts';
import type { TurnClient } from '../support/turn-client.ts';

const STAMP_EVERY_MS = 10;
const LIVE = 'event: stream/live';

/** How old a delta is when it arrives, how many come a second, and how quickly a stored turn is told again. */
export async function measureDeltas(bench: Bench): Promise<Finding[]> {
  const clients = { engine: await bench.rawEngine(), server: await bench.server() };
  const ages = await measureAges(bench, clients);
  const { findings, liveRate } = await measureRate(bench, clients);
  return [...ages, ...findings, await measureReplay(bench, clients.server, liveRate)];
}

interface Clients {
  engine: TurnClient;
  server: Server;
}

async function measureAges(bench: Bench, { engine, server }: Clients): Promise<Finding[]> {
  const count = bench.pick(100, 60);
  const p95s = { engine: [] as number[], server: [] as number[] };
  const age = async (client: TurnClient, kept: number[]): Promise<number> => {
    const agesMs = await deltaAgesMs(client, count);
    kept.push(percentile(agesMs, 95));
    return percentile(agesMs, 50);
  };
  const p50 = await compare(
    bench.pick(7, 2),
    () => age(engine, p95s.engine),
    () => age(server, p95s.server),
  );
  const p95 = { ours: median(p95s.server), baseline: median(p95s.engine) };
  return [
    {
      goal: 'delta age, p50 ÷ (raw engine + 1 ms)',
      value: p50.ours / (p50.baseline + 1),
      unit: 'ratio',
      limit: { atMost: 1.2 },
      detail: `${toFigure(p50.ours, 'ms')} beside ${toFigure(p50.baseline, 'ms')}`,
    },
    {
      goal: 'delta age, p95 ÷ raw engine',
      value: p95.ours / p95.baseline,
      unit: 'ratio',
      limit: { atMost: 2 },
      detail: `${toFigure(p95.ours, 'ms')} beside ${toFigure(p95.baseline, 'ms')}`,
    },
  ];
}

async function measureRate(
  bench: Bench,
  { engine, server }: Clients,
): Promise<{ findings: Finding[]; liveRate: number }> {
  const count = bench.pick(10_000, 5_000);
  const rates = await compare(
    bench.pick(5, 2),
    () => deltaRate(engine, count),
    () => deltaRate(server, count),
  );
  const finding: Finding = {
    goal: 'deltas a second of one turn ÷ raw engine',
    value: rates.ratio,
    unit: 'ratio',
    limit: { atLeast: 0.9 },
    detail: `${toFigure(rates.ours, '/s')} beside ${toFigure(rates.baseline, '/s')}`,
  };
  return { findings: [finding], liveRate: rates.baseline };
}

async function measureReplay(bench: Bench, server: Server, liveRate: number): Promise<Finding> {
  const threadId = await server.createThread();
  await server.runTurn(threadId, `deltas: ${String(bench.pick(10_000, 5_000))} size=8`);
  server.closeStreams();
  const streams = bench.streams();
  const { port } = server;
  const path = `/api/v2/threads/${threadId}/events?after=0`;
  const rates: number[] = [];
  for (let round = 0; round < bench.pick(9, 4); round += 1) {
    const { frames, ms } = await streams.call('readUntil', { port, path, token: TOKEN, openMark: LIVE });
    rates.push((frames * 1000) / ms);
  }
  const rate = median(rates.slice(1));
  const detail = `${toFigure(rate, '/s')} events beside ${toFigure(liveRate, '/s')}`;
  const goal = 'replay of a stored turn ÷ raw live rate';
  return { goal, value: rate / liveRate, unit: 'ratio', limit: { atLeast: 10 }, detail };
}

/** The text of each delta is when the model wrote it, by the clock that this process reads too. */
async function deltaAgesMs(client: TurnClient, count: number): Promise<number[]> {
  const threadId = await client.createThread();
  const agesMs: number[] = [];
  await client.runTurn(threadId, `stamps: ${String(count)} every ${String(STAMP_EVERY_MS)}ms`, (text) => {
    agesMs.push(nowMs() - Number(text));
  });
  return agesMs;
}

async function deltaRate(client: TurnClient, count: number): Promise<number> {
  const threadId = await client.createThread();
  const atMs: number[] = [];
  await client.runTurn(threadId, `deltas: ${String(count)} size=8`, () => atMs.push(nowMs()));
  return ((atMs.length - 1) * 1000) / ((atMs.at(-1) ?? 0) - (atMs[0] ?? 0));
}
