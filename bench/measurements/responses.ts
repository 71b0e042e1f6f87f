import { request } from 'node:http';
import type { Bench } from '../support/bench.ts';
import { EventStream } from '../support/event-stream.ts';
import { type Finding, toFigure } from '../support/finding.ts';
import { type Server, TOKEN } from '../support/server.ts';
import { median, percentile } from '../support/statistics.ts';

const LIMIT_MS = 5;
const RESPONSES_A_ROUND = 20;

/** How much later than the engine `POST /v1/responses` tells a caller that something happens, and what is said. */
export async function measureResponses(bench: Bench): Promise<Finding[]> {
  const server = await bench.server();
  await measureRound(server);
  const rounds: Delays[][] = [];
  for (let round = 0; round < bench.pick(9, 3); round += 1) {
    rounds.push(await measureRound(server));
  }
  return [
    toFinding('first byte of a streamed response', rounds, ({ byteMs }) => byteMs),
    toFinding('first words of a streamed response', rounds, ({ textMs }) => textMs),
  ];
}

async function measureRound(server: Server): Promise<Delays[]> {
  const delays: Delays[] = [];
  for (let count = 0; count < RESPONSES_A_ROUND; count += 1) {
    const streamed = await streamResponse(server);
    delays.push(toDelays(streamed, await eventsOf(server, streamed)));
  }
  return delays;
}

function toFinding(what: string, rounds: readonly Delays[][], delayOf: (delays: Delays) => number): Finding {
  const medianOf = (percent: number): number =>
    median(rounds.map((delays) => percentile(delays.map(delayOf), percent)));
  return {
    goal: `${what} after the engine's, p95`,
    value: medianOf(95),
    unit: 'ms',
    limit: { atMost: LIMIT_MS },
    detail: `p50 ${toFigure(medianOf(50), 'ms')}, ${String(rounds.length * RESPONSES_A_ROUND)} responses`,
  };
}

/** By the system's clock, which the server's timestamps are of too, in whole milliseconds. */
interface Streamed {
  threadId: string;
  turnId: string;
  firstByteAtMs: number;
  firstTextAtMs: number;
}

interface EngineEvent {
  name: string;
  turnId: string | null;
  emittedAtMs: number;
}

/** After the same of the engine's own events; below zero when the response was told of before. */
interface Delays {
  byteMs: number;
  textMs: number;
}

function toDelays({ turnId, firstByteAtMs, firstTextAtMs }: Streamed, events: readonly EngineEvent[]): Delays {
  const own = events.filter((event) => event.turnId === turnId);
  const first = own[0];
  const firstText = own.find(({ name }) => name === 'item/agentMessage/delta');
  if (!first || !firstText) {
    throw new Error(`The turn ${turnId} has told nothing.`);
  }
  return { byteMs: firstByteAtMs - first.emittedAtMs, textMs: firstTextAtMs - firstText.emittedAtMs };
}

/** Of a conversation of its own, to its end. */
function streamResponse(server: Server): Promise<Streamed> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asking = request(`${server.url}/v1/responses`, { method: 'POST', headers }, (answer) => {
      let [firstByteAtMs, firstTextAtMs, text] = [0, 0, ''];
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        const nowMs = Date.now();
        text += chunk;
        firstByteAtMs ||= nowMs;
        firstTextAtMs ||= text.includes('\nevent: response.output_text.delta') ? nowMs : 0;
      });
      answer.on('end', () => {
        if (!text.includes('\nevent: response.completed')) {
          reject(new Error(`A response did not complete: ${text}`));
        }
        const ofThread = (name: string): string => String(answer.headers[`x-codex-${name}-id`]);
        resolve({ threadId: ofThread('thread'), turnId: ofThread('turn'), firstByteAtMs, firstTextAtMs });
      });
    });
    asking.on('error', reject);
    asking.end(JSON.stringify({ model: 'scripted-model', input: 'say: Done.', stream: true }));
  });
}

/** What the engine told of the thread, with the times at which the server heard it. */
async function eventsOf(server: Server, { threadId }: Streamed): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  const live = Promise.withResolvers<undefined>();
  const stream = await EventStream.open(`${server.url}/api/v2/threads/${threadId}/events?after=0`, TOKEN, (frame) => {
    const [, name = ''] = /^event: (.*)$/m.exec(frame) ?? [];
    const [, data] = /^data: (.*)$/m.exec(frame) ?? [];
    if (name === 'stream/live') {
      live.resolve(undefined);
    } else if (data !== undefined) {
      const { turn_id: turnId = null, emitted_at: at } = JSON.parse(data) as { turn_id?: string; emitted_at: string };
      events.push({ name, turnId, emittedAtMs: Date.parse(at) });
    }
  });
  await live.promise;
  stream.close();
  return events;
}
