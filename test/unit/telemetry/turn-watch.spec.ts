import { Registry } from 'prom-client';
import { Log } from '../../../src/core/log.js';
import { type TurnRecord } from '../../../src/core/turns/turn-record.js';
import { TurnMetrics } from '../../../src/telemetry/turn-metrics.js';
import { type TurnSummary } from '../../../src/telemetry/turn-summary.js';
import { TurnTracer } from '../../../src/telemetry/turn-tracer.js';
import { TurnWatch } from '../../../src/telemetry/turn-watch.js';

const TURN: TurnRecord = {
  turnId: 'turn',
  threadId: 'thread',
  engineTurnId: 'engine-turn',
  position: 0,
  status: 'completed',
  isSubmitted: true,
  input: [{ type: 'text', text: 'a secret' }],
  options: {},
  error: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:00.250Z',
  completedAt: '2026-01-01T00:00:02.250Z',
  durationMs: 2000,
  tokenUsage: { input_tokens: 10, output_tokens: 4, total_tokens: 14, words: 'no number' },
};

class KeptLog extends Log {
  readonly lines: unknown[][] = [];

  override write(...line: unknown[]): void {
    this.lines.push(line);
  }
}

class KeptTraces extends TurnTracer {
  readonly told: unknown[] = [];

  override accepted({ turnId }: TurnRecord): void {
    this.told.push(['accepted', turnId]);
  }

  override ended(_turn: TurnRecord, { turnId, status }: TurnSummary): void {
    this.told.push(['ended', turnId, status]);
  }
}

function setUp(model: string | null): { watch: TurnWatch; log: KeptLog; traces: KeptTraces; registry: Registry } {
  const [log, traces, registry] = [new KeptLog(), new KeptTraces(), new Registry()];
  const find = (): never => ({ model }) as never;
  const parts = { log, metrics: new TurnMetrics(registry), tracer: traces, threads: { find } };
  return { watch: new TurnWatch(parts), log, traces, registry };
}

async function figures(registry: Registry, name: string): Promise<[object, number][]> {
  const metric = await registry.getSingleMetric(name)?.get();
  return (metric?.values ?? []).map(({ labels, value }) => [labels, value]);
}

describe('TurnWatch', () => {
  it('writes one line for a turn that is over, with its ids and figures and without content', () => {
    const { watch, log, traces } = setUp('gpt');
    watch.accepted(TURN);
    expect(log.lines).toEqual([]);
    watch.ended(TURN);
    const tokens = { input: 10, output: 4, total: 14 };
    const ids = { threadId: 'thread', turnId: 'turn', status: 'completed' };
    expect(log.lines).toEqual([['info', 'turn', { ...ids, queuedMs: 250, ms: 2000, model: 'gpt', tokens }]]);
    expect(traces.told).toEqual([
      ['accepted', 'turn'],
      ['ended', 'turn', 'completed'],
    ]);
  });

  it('counts a turn by how it ended, and its tokens by the model that it asked for', async () => {
    const { watch, registry } = setUp('gpt');
    watch.ended(TURN);
    watch.ended({ ...TURN, options: { model: 'other-model' } });
    watch.ended({ ...TURN, status: 'cancelled', startedAt: null, durationMs: null, tokenUsage: null });
    expect(await figures(registry, 'codex_web_turns_finished_total')).toEqual([
      [{ status: 'completed' }, 2],
      [{ status: 'cancelled' }, 1],
    ]);
    const tokens = await figures(registry, 'codex_web_tokens_total');
    expect(tokens.filter(([labels]) => 'kind' in labels && labels.kind === 'input')).toEqual([
      [{ model: 'gpt', kind: 'input' }, 10],
      [{ model: 'other-model', kind: 'input' }, 10],
    ]);
  });

  it('has a bound on how many models it tells apart, since callers name them', async () => {
    const { watch, registry } = setUp(null);
    for (let count = 0; count < 200; count += 1) {
      watch.ended({ ...TURN, options: { model: `model-${String(count)}` } });
    }
    watch.ended(TURN);
    const inputs = (await figures(registry, 'codex_web_tokens_total')).filter(
      ([labels]) => 'kind' in labels && labels.kind === 'input',
    );
    expect(inputs).toHaveLength(51);
    expect(inputs.at(-1)).toEqual([{ model: 'other', kind: 'input' }, 10 * 151]);
  });

  it('says nothing of the model when the thread can not be read', () => {
    const { log } = setUp(null);
    const find = (): never => {
      throw new Error('the disk is gone');
    };
    const metrics = new TurnMetrics(new Registry());
    new TurnWatch({ log, metrics, tracer: undefined, threads: { find } }).ended(TURN);
    expect(log.lines).toEqual([['info', 'turn', expect.objectContaining({ model: null })]]);
  });
});
