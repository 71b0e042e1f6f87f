import type { Bench } from '../support/bench.ts';
import { type Finding, toFigure } from '../support/finding.ts';
import { TOKEN } from '../support/server.ts';
import { compare, median, nowMs } from '../support/statistics.ts';

const TURNS = 5_000;
const PAGE_TURNS = 20;

/**
 * What a long thread costs that another client made: a page of its turns and a fork of it, beside the engine that is asked
 * for the same, and a read of another thread meanwhile.
 */
export async function measureForeignHistory(bench: Bench): Promise<Finding[]> {
  const { server, threadId } = await bench.serverWithRollout(TURNS);
  const { engine, threadId: engineThreadId } = await bench.rawEngineWithRollout(TURNS);
  const load = bench.load();
  const path = `/api/v2/threads/${threadId}`;
  const otherId = await server.createThread();
  const reading = { port: server.port, path: `/api/v2/threads/${otherId}`, token: TOKEN, connections: 1 };
  const rounds = bench.pick(5, 2);

  const query = { threadId: engineThreadId, limit: PAGE_TURNS, sortDirection: 'desc', itemsView: 'full' };
  const page = await compare(
    rounds,
    () => timeOf(() => engine.call('thread/turns/list', query)),
    () => timeOf(() => server.read(`${path}/turns?limit=${String(PAGE_TURNS)}`)),
  );
  const fork = await compare(
    rounds,
    () => timeOf(() => engine.call('thread/fork', { threadId: engineThreadId })),
    () => timeOf(() => server.post(`${path}/fork`, {})),
  );
  const besides = [];
  for (let round = 0; round < rounds; round += 1) {
    const forking = server.post(`${path}/fork`, {});
    const listing = server.read(`${path}/turns`);
    besides.push(await load.call('run', { ...reading, durationMs: 1_000 }));
    await Promise.all([forking, listing]);
  }
  const slowest = Math.max(...besides.map(({ maxMs }) => maxMs));
  const beside = `${toFigure(page.ours, 'ms')} beside ${toFigure(page.baseline, 'ms')}`;
  const turns = `${TURNS.toLocaleString('en-US')} turns made elsewhere`;
  return [
    { goal: `first page of ${turns} ÷ engine`, value: page.ratio, unit: 'ratio', limit: { atMost: 2 }, detail: beside },
    {
      goal: `fork of ${turns} ÷ engine`,
      value: fork.ratio,
      unit: 'ratio',
      limit: { atMost: 2 },
      detail: `${toFigure(fork.ours, 'ms')} beside ${toFigure(fork.baseline, 'ms')}`,
    },
    {
      goal: 'GET thread beside both, p95',
      value: median(besides.map(({ p95Ms }) => p95Ms)),
      unit: 'ms',
      limit: { atMost: 20 },
      detail: `1 connection; the slowest of all ${toFigure(slowest, 'ms')}`,
    },
  ];
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const beganMs = nowMs();
  await work();
  return nowMs() - beganMs;
}
