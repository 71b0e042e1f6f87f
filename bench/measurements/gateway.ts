import { Agent, request } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayDoor } from '../children/gateway.ts';
import type { Bench } from '../support/bench.ts';
import { type Finding, toFigure } from '../support/finding.ts';
import { compare, type Comparison, median, nowMs, percentile } from '../support/statistics.ts';
import type { TurnClient } from '../support/turn-client.ts';

const STAMPS = 60;

/** A provider on the chat wire through the gateway, beside the same provider on the Responses wire without it. */
export async function measureGateway(bench: Bench): Promise<Finding[]> {
  const { upstreamUrl, door } = await bench.gateway();
  const direct = { url: upstreamUrl, headers: {} };
  return [
    ...(await measureRequests(bench, direct, door)),
    ...(await measureEngine(bench, await openEngine(bench, direct), await openEngine(bench, door))),
  ];
}

/** What it adds to single requests, without the engine, whose own pace would hide it. */
async function measureRequests(bench: Bench, direct: GatewayDoor, ours: GatewayDoor): Promise<Finding[]> {
  const count = bench.pick(100, 40);
  const rounds = bench.pick(7, 2);
  const first = await compareTails(rounds, [direct, ours], (door) => firstDeltasMs(door, count));
  const ages = await compareTails(rounds, [direct, ours], deltaAgesMs);
  return [toAdded('to the first delta of a request', first), toAdded('to each delta', ages)];
}

interface Tails {
  p50: { ours: number; baseline: number };
  p95: { ours: number; baseline: number };
  addedP95: number;
}

async function compareTails(
  rounds: number,
  [direct, ours]: readonly [GatewayDoor, GatewayDoor],
  measure: (door: GatewayDoor) => Promise<number[]>,
): Promise<Tails> {
  const kept = { ours: [] as number[][], baseline: [] as number[][] };
  await measure(direct);
  await measure(ours);
  for (let round = 0; round < rounds; round += 1) {
    kept.baseline.push(await measure(direct));
    kept.ours.push(await measure(ours));
  }
  const at = (percent: number): Tails['p50'] => ({
    ours: median(kept.ours.map((values) => percentile(values, percent))),
    baseline: median(kept.baseline.map((values) => percentile(values, percent))),
  });
  const added = kept.ours.map((values, round) => percentile(values, 95) - percentile(kept.baseline[round] ?? [], 95));
  return { p50: at(50), p95: at(95), addedP95: median(added) };
}

function toAdded(what: string, { p50, p95, addedP95 }: Tails): Finding {
  const figures = ({ ours, baseline }: Tails['p50']): string =>
    `${toFigure(ours, 'ms')} beside ${toFigure(baseline, 'ms')}`;
  return {
    goal: `gateway: added ${what}, p95`,
    value: Math.max(0, addedP95),
    unit: 'ms',
    limit: { atMost: 2 },
    detail: `p50 ${figures(p50)}, p95 ${figures(p95)}`,
  };
}

/** What it costs a turn with the real engine. */
async function measureEngine(bench: Bench, direct: TurnClient, ours: TurnClient): Promise<Finding[]> {
  const deltas = bench.pick(10_000, 3_000);
  const turns = bench.pick(20, 8);
  const rate = await compare(
    bench.pick(5, 2),
    () => deltaRate(direct, deltas),
    () => deltaRate(ours, deltas),
  );
  const length = await compare(
    bench.pick(5, 2),
    () => turnMs(direct, turns),
    () => turnMs(ours, turns),
  );
  const detail = ({ ours: own, baseline }: Comparison, unit: 'ms' | '/s'): string =>
    `${toFigure(own, unit)} beside ${toFigure(baseline, unit)}`;
  return [
    {
      goal: 'gateway: deltas a second of one turn ÷ without',
      value: rate.ratio,
      unit: 'ratio',
      limit: { atLeast: 0.9 },
      detail: detail(rate, '/s'),
    },
    {
      goal: 'gateway: a short turn, p50 ÷ without',
      value: length.ratio,
      unit: 'ratio',
      limit: { atMost: 1.15 },
      detail: detail(length, 'ms'),
    },
  ];
}

async function openEngine(bench: Bench, { url, headers }: GatewayDoor): Promise<TurnClient> {
  return bench.rawEngine(({ codexHome }) => {
    const fields = Object.entries(headers).map(([name, value]) => `"${name}" = "${value}"`);
    const provider = [
      'model = "some-model"',
      'model_provider = "measured"',
      '[model_providers.measured]',
      'name = "Measured"',
      `base_url = "${url}"`,
      'wire_api = "responses"',
      'supports_websockets = false',
      `http_headers = { ${fields.join(', ')} }`,
    ];
    writeFileSync(join(codexHome, 'config.toml'), `${provider.join('\n')}\n`);
  });
}

/** By the length of the whole turn: the gateway joins deltas that come at once. */
async function deltaRate(client: TurnClient, count: number): Promise<number> {
  const threadId = await client.createThread();
  const beganMs = nowMs();
  await client.runTurn(threadId, `deltas: ${String(count)}`);
  return (count * 1000) / (nowMs() - beganMs);
}

async function turnMs(client: TurnClient, turns: number): Promise<number> {
  const threadId = await client.createThread();
  const lengthsMs: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const beganMs = nowMs();
    await client.runTurn(threadId, 'deltas: 1');
    lengthsMs.push(nowMs() - beganMs);
  }
  return percentile(lengthsMs, 50);
}

/** As long as what the engine sends with its first request: instructions of 20 kB and a dozen tools. */
const TOOL = { type: 'object', properties: { cmd: { type: 'string', description: 'x'.repeat(900) } } };
const HEAD = {
  model: 'some-model',
  stream: true,
  tools: Array.from({ length: 12 }, (_, index) => ({
    type: 'function',
    name: `tool_${String(index)}`,
    description: 'x'.repeat(300),
    parameters: TOOL,
  })),
};
const DEVELOPER = { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'x'.repeat(20_000) }] };
const agent = new Agent({ keepAlive: true });

async function firstDeltasMs(door: GatewayDoor, count: number): Promise<number[]> {
  const waitedMs: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const beganMs = nowMs();
    await ask(door, 'deltas: 1', () => {
      waitedMs[index] ??= nowMs() - beganMs;
    });
  }
  return waitedMs;
}

async function deltaAgesMs(door: GatewayDoor): Promise<number[]> {
  const agesMs: number[] = [];
  await ask(door, `stamps: ${String(STAMPS)} every 5ms`, (text) => agesMs.push(nowMs() - Number(text)));
  return agesMs;
}

/** One request on the Responses wire. */
function ask({ url, headers }: GatewayDoor, text: string, onDelta: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/responses`, { method: 'POST', agent, headers }, (response) => {
      let rest = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        const frames = (rest + part).split('\n\n');
        rest = frames.pop() ?? '';
        for (const frame of frames.filter((one) => one.startsWith('event: response.output_text.delta'))) {
          onDelta((JSON.parse(frame.slice(frame.indexOf('\ndata: ') + 7)) as { delta: string }).delta);
        }
      });
      response.once('end', resolve).once('error', reject);
    });
    outgoing.once('error', reject);
    const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
    outgoing.end(JSON.stringify({ ...HEAD, input: [DEVELOPER, user] }));
  });
}
