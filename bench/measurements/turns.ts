import type { Bench } from '../support/bench.ts';
import { type Finding, toFigure } from '../support/finding.ts';
import { compare, nowMs, percentile } from '../support/statistics.ts';
import type { TurnClient } from '../support/turn-client.ts';

const AT_ONCE = 8;
const SHORT = 'say: Done.';

/** Turns through the server beside the same turns on the raw engine: how many, and how soon the first word comes. */
export async function measureTurns(bench: Bench): Promise<Finding[]> {
  const engine = await bench.rawEngine();
  const server = await bench.server();
  const turnsEach = bench.pick(5, 2);
  const rates = await compare(
    bench.pick(5, 1),
    () => turnRate(engine, turnsEach),
    () => turnRate(server, turnsEach),
  );
  const turns = bench.pick(20, 8);
  const firstDeltas = await compare(
    bench.pick(5, 1),
    () => firstDeltaMs(engine, turns),
    () => firstDeltaMs(server, turns),
  );
  return [
    {
      goal: 'turns a second, 8 at once ÷ raw engine',
      value: rates.ratio,
      unit: 'ratio',
      limit: { atLeast: 0.9 },
      detail: `${toFigure(rates.ours, '/s')} beside ${toFigure(rates.baseline, '/s')}`,
    },
    {
      goal: 'first delta, p50 ÷ raw engine',
      value: firstDeltas.ratio,
      unit: 'ratio',
      limit: { atMost: 1.15 },
      detail: `${toFigure(firstDeltas.ours, 'ms')} beside ${toFigure(firstDeltas.baseline, 'ms')}`,
    },
  ];
}

async function turnRate(client: TurnClient, turnsEach: number): Promise<number> {
  const threadIds = await Promise.all(Array.from({ length: AT_ONCE }, () => client.createThread()));
  const beganMs = nowMs();
  await Promise.all(
    threadIds.map(async (threadId) => {
      for (let turn = 0; turn < turnsEach; turn += 1) {
        await client.runTurn(threadId, SHORT);
      }
    }),
  );
  return (AT_ONCE * turnsEach * 1000) / (nowMs() - beganMs);
}

async function firstDeltaMs(client: TurnClient, turns: number): Promise<number> {
  const threadId = await client.createThread();
  const waitedMs: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const beganMs = nowMs();
    await client.runTurn(threadId, SHORT, () => {
      waitedMs[turn] ??= nowMs() - beganMs;
    });
  }
  return percentile(waitedMs, 50);
}
