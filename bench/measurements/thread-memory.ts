import type { Bench } from '../support/bench.ts';
import { type Finding, toFigure } from '../support/finding.ts';
import { onlyChildOf, residentBytes } from '../support/processes.ts';
import { summarize } from '../support/statistics.ts';
import { INSPECTED } from '../support/server.ts';
import type { TurnClient } from '../support/turn-client.ts';

const MEGABYTE = 1024 * 1024;
const WARM_UP_THREADS = 10;
const AT_ONCE = 4;

/** What a loaded thread weighs after a turn: server and engine together, beside the raw engine. Fresh processes each round. */
export async function measureThreadMemory(bench: Bench): Promise<Finding[]> {
  const threads = bench.pick(60, 20);
  const pairs: [number, number][] = [];
  const parts = { server: [] as number[], engine: [] as number[] };
  for (let round = 0; round < bench.pick(2, 1); round += 1) {
    const raw = await bench.rawEngine();
    const [baseline = NaN] = await growth({ client: raw, pids: [raw.pid], threads, collect: () => Promise.resolve() });
    const server = await bench.server(INSPECTED);
    const pids = [server.pid, await onlyChildOf(server.pid)];
    const [own = NaN, engine = NaN] = await growth({
      client: server,
      pids,
      threads,
      collect: () => server.collectGarbage(),
    });
    parts.server.push(own);
    parts.engine.push(engine);
    pairs.push([baseline, own + engine]);
    await bench.endAll();
  }
  const { ours, baseline, ratio } = summarize(pairs);
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return [
    {
      goal: 'a loaded thread after a turn',
      value: ours,
      unit: 'MB',
      limit: { atMost: 10 },
      detail: `server ${toFigure(mean(parts.server), 'MB')}, engine ${toFigure(mean(parts.engine), 'MB')}`,
    },
    {
      goal: 'a loaded thread after a turn ÷ raw engine',
      value: ratio,
      unit: 'ratio',
      limit: { atMost: 1.1 },
      detail: `${toFigure(ours, 'MB')} beside ${toFigure(baseline, 'MB')}`,
    },
  ];
}

interface Grown {
  client: TurnClient;
  pids: readonly number[];
  threads: number;
  /** The engine has no garbage to collect; the server is looked at without its own. */
  collect: () => Promise<void>;
}

/** Megabytes a thread, for each of the processes. */
async function growth({ client, pids, threads, collect }: Grown): Promise<number[]> {
  await runThreads(client, WARM_UP_THREADS);
  await collect();
  const before = await Promise.all(pids.map(residentBytes));
  await runThreads(client, threads);
  await collect();
  const after = await Promise.all(pids.map(residentBytes));
  return after.map((bytes, index) => (bytes - (before[index] ?? NaN)) / threads / MEGABYTE);
}

async function runThreads(client: TurnClient, count: number): Promise<void> {
  for (let begun = 0; begun < count; begun += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, count - begun) }, async () => {
        await client.runTurn(await client.createThread(), 'say: Done.');
      }),
    );
  }
}
