import type { Bench } from '../support/bench.ts';
import type { Child } from '../support/child.ts';
import { type Finding, toFigure } from '../support/finding.ts';
import { TOKEN } from '../support/server.ts';
import { compare, median } from '../support/statistics.ts';
import type { LoadMethods, LoadResult } from '../children/load.ts';

const THREADS = 300;
const CONNECTIONS = 16;
const STREAMS = 1_000;

/** What a read costs beside bare node:http that serves the same bytes, and with a thousand streams open. */
export async function measureReads(bench: Bench): Promise<Finding[]> {
  const { server, threadId } = await bench.seededServer({ threads: THREADS, events: 0 });
  const { bare, port: barePort } = await bench.bare();
  const load = bench.load();
  const paths = { thread: `/api/v2/threads/${threadId}`, list: '/api/v2/threads' };
  const rounds = bench.pick(5, 2);
  const durationMs = bench.pick(1_000, 400);
  const run = (port: number, path: string): Promise<LoadResult> =>
    load.call('run', { port, path, token: TOKEN, connections: CONNECTIONS, durationMs });

  const latenciesMs: number[] = [];
  const measure = async (path: string): Promise<Pick<Finding, 'value' | 'detail'> & { perSecond: number }> => {
    await bare.call('serve', { path, body: await server.read(path) });
    const baseline = async (): Promise<number> => (await run(barePort, path)).perSecond;
    const ours = async (): Promise<number> => {
      const { perSecond, p95Ms } = await run(server.port, path);
      latenciesMs.push(p95Ms);
      return perSecond;
    };
    const rates = await compare(rounds, baseline, ours);
    const detail = `${toFigure(rates.ours, '/s')} beside ${toFigure(rates.baseline, '/s')}`;
    return { value: rates.ratio, detail, perSecond: rates.ours };
  };

  const thread = await measure(paths.thread);
  const p95Ms = median(latenciesMs);
  const list = await measure(paths.list);
  const beside = await measureBeside(bench, load, { port: server.port, path: paths.thread, durationMs });
  const detail = `${String(CONNECTIONS)} connections`;
  return [
    { goal: 'GET thread ÷ bare node:http', unit: 'ratio', limit: { atLeast: 0.25 }, ...thread },
    { goal: 'GET list of 20 ÷ bare node:http', unit: 'ratio', limit: { atLeast: 0.35 }, ...list },
    { goal: 'GET thread', value: thread.perSecond, unit: '/s', limit: { atLeast: 2_000 }, detail },
    { goal: 'GET thread, p95', value: p95Ms, unit: 'ms', limit: { atMost: 20 }, detail },
    ...beside,
  ];
}

interface Reading {
  port: number;
  path: string;
  durationMs: number;
}

async function measureBeside(bench: Bench, load: Child<LoadMethods>, reading: Reading): Promise<Finding[]> {
  const { port, path, durationMs } = reading;
  const streams = bench.streams();
  const opening = { port, path: `${path}/events`, token: TOKEN, openMark: 'event: stream/live' };
  await streams.call('open', { ...opening, count: STREAMS });
  const results: LoadResult[] = [];
  for (let round = 0; round < bench.pick(4, 2); round += 1) {
    results.push(await load.call('run', { port, path, token: TOKEN, connections: CONNECTIONS, durationMs }));
  }
  await streams.call('close');
  const goal = 'GET thread beside 1,000 open streams';
  const detail = `${String(CONNECTIONS)} connections`;
  const perSecond = median(results.map((result) => result.perSecond));
  const p95Ms = median(results.map((result) => result.p95Ms));
  return [
    { goal, value: perSecond, unit: '/s', limit: { atLeast: 2_000 }, detail },
    { goal: `${goal}, p95`, value: p95Ms, unit: 'ms', limit: { atMost: 20 }, detail },
  ];
}
