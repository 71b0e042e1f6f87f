import { RawSocket, toHead } from '../support/raw-socket.js';
import { functionTool, ResponsesClient, ResponseSocketClient, type StreamEvent, textOf } from '../support/responses.js';
import { App, type Json } from '../support/start-app.js';

const call = (characters: number, city: string): string =>
  `call: get_weather ${JSON.stringify({ city: city.repeat(characters) })}`;

/** Scripts whose answers come in one burst, and what of them is told: the text, or the arguments of the calls. */
const LARGE_CALL = call(900_000, 'a');
const SIX_CALLS = ['b', 'c', 'd', 'e', 'f', 'g']
  .map((city, index) => `${index === 0 ? '' : 'also '}${call(60_000, city)}`)
  .join('\n');
const LONG_TEXT = 'deltas: 2000 size=300';
const LONG_TEXT_CHARACTERS = 600_000;
/** More than sockets and one buffer hold: a reader who pauses has fallen behind then. */
const LONGER_TEXT = 'deltas: 4000 size=3000';
const LONGER_TEXT_CHARACTERS = 12_000_000;

let app: App;
let client: ResponsesClient;
const tools = [functionTool('get_weather')];

beforeAll(async () => {
  app = await App.start();
  client = new ResponsesClient(app, { 'X-Codex-Mode': 'model' });
});

afterAll(async () => {
  await app.stop();
});

function numbersOf(events: readonly StreamEvent[]): void {
  expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index));
}

function argumentsOf(events: readonly StreamEvent[]): number[] {
  return events
    .filter(({ type }) => type === 'response.function_call_arguments.done')
    .map((event) => (JSON.parse(String(event.arguments)) as { city: string }).city.length);
}

const lastOf = (events: readonly StreamEvent[]): Json => events.at(-1)?.response as Json;

describe('a prompt reader of /v1/responses', () => {
  it.each<[string, string, number[]]>([
    ['one call with 900 KB', LARGE_CALL, [900_000]],
    ['six calls with 60 KB each', SIX_CALLS, Array.from({ length: 6 }, () => 60_000)],
  ])('is told all of a burst, and again later: %s', async (_name, script, lengths) => {
    const events = await client.stream({ input: script, tools });
    numbersOf(events);
    expect(argumentsOf(events)).toEqual(lengths);
    expect(lastOf(events)).toMatchObject({ status: 'completed' });
    const again = await client.replay(String(lastOf(events).id));
    expect(argumentsOf(again)).toEqual(lengths);
  });

  it('is told all of a long text, and again later', async () => {
    const events = await client.stream({ input: LONG_TEXT });
    numbersOf(events);
    const response = lastOf(events);
    expect(textOf(response as never)).toHaveLength(LONG_TEXT_CHARACTERS);
    expect(await client.replay(String(response.id))).toHaveLength(events.length);
  });

  it('who comes late is told what was told before at once', async () => {
    const { id } = await client.create({ input: `${LONG_TEXT}\ngate: late\nsay: end`, background: true });
    await app.model.reached('late');
    const reading = client.replay(id);
    app.model.release('late');
    numbersOf(await reading);
  });

  it.each<[string, string, number[]]>([
    ['one call with 900 KB', LARGE_CALL, [900_000]],
    ['six calls with 60 KB each', SIX_CALLS, Array.from({ length: 6 }, () => 60_000)],
    ['a long text', LONG_TEXT, []],
  ])('over a WebSocket is told all of a burst: %s', async (_name, input, lengths) => {
    const socket = await ResponseSocketClient.open(app, { 'X-Codex-Mode': 'model' });
    socket.send({ input, tools });
    const events = await socket.next();
    numbersOf(events);
    expect(argumentsOf(events)).toEqual(lengths);
    await socket.close();
  });
});

describe('a prompt reader of chat completions', () => {
  interface Chunk {
    choices: { delta: { content?: string; tool_calls?: { function: { arguments: string } }[] } }[];
  }

  const deltas = async (content: string, more: object = {}): Promise<Chunk['choices'][number]['delta'][]> => {
    const body = { messages: [{ role: 'user', content }], stream: true, ...more };
    const { text } = await app.post('/v1/chat/completions', body).expect(200);
    const lines = text.split('\n\n').filter((line) => line.startsWith('data: '));
    expect(lines.at(-1)).toBe('data: [DONE]');
    const chunks = lines.slice(0, -1).map((line) => JSON.parse(line.slice('data: '.length)) as Chunk);
    return chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
  };
  const chatTools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }];

  it.each<[string, string, number]>([
    ['one call with 900 KB', LARGE_CALL, 900_000],
    ['six calls with 60 KB each', SIX_CALLS, 360_000],
  ])('is told all of a burst: %s', async (_name, script, length) => {
    const calls = (await deltas(script, { tools: chatTools })).flatMap(({ tool_calls: some = [] }) => some);
    const cities = calls.map((one) => (JSON.parse(one.function.arguments) as { city: string }).city);
    expect(cities.join('')).toHaveLength(length);
  });

  it('is told all of a long text', async () => {
    const text = (await deltas(LONG_TEXT)).map(({ content = '' }) => content).join('');
    expect(text).toHaveLength(LONG_TEXT_CHARACTERS);
  });
});

it('a prompt reader of messages is told all of a long text', async () => {
  const { text } = await app.post('/messages', { type: 'user_message', message: LONG_TEXT }).expect(200);
  expect(text).toContain('"type":"task_complete"');
  expect(text.split('"type":"agent_message_delta"').length).toBeGreaterThan(2000);
});

it('a prompt reader of the native stream is told all of a burst, as it comes and from the past', async () => {
  const threadId = await app.createThread();
  const live = await app.stream(threadId, '?after=0');
  await live.until('stream/live');
  const { turn_id: turnId } = await app.submit(threadId, `${LARGE_CALL.replace('get_weather', 'shell')}\n${LONG_TEXT}`);
  await live.turnEnd(turnId);
  const past = await app.stream(threadId, '?after=0');
  await past.turnEnd(turnId);
  expect(past.events.map(({ id }) => id)).toEqual(live.events.map(({ id }) => id));
  for (const stream of [live, past]) {
    expect(stream.names).not.toContain('stream/lagged');
    stream.close();
  }
});

/** Reads nothing before the turn is over, and everything then. */
async function readLate(request: string, body: object): Promise<string> {
  const text = JSON.stringify(body);
  const headers = ['Content-Type: application/json', 'X-Codex-Mode: agent', 'Connection: close'];
  const length = `Content-Length: ${String(Buffer.byteLength(text))}`;
  const socket = (await RawSocket.open(app.url)).pause();
  const events = await app.allEvents('?types=turn/completed');
  await events.until('stream/live');
  socket.send(`${toHead(app.url, request, [...headers, length])}\r\n${text}`);
  await events.until('turn/completed');
  events.close();
  return socket.resume().closed;
}

describe('a reader who pauses', () => {
  it.each<[string, string, object, RegExp]>([
    [
      'responses',
      'POST /v1/responses',
      { input: LONGER_TEXT, stream: true },
      /event: response\.completed[\s\S]*\[DONE\]/,
    ],
    [
      'chat completions',
      'POST /v1/chat/completions',
      { messages: [{ role: 'user', content: LONGER_TEXT }], stream: true },
      /"finish_reason":"stop"[\s\S]*\[DONE\]/,
    ],
    ['messages', 'POST /messages', { type: 'user_message', message: LONGER_TEXT }, /"type":"task_complete"/],
  ])('misses nothing, and is told it as fast as it is taken: %s', async (_name, request, body, end) => {
    const answer = await readLate(request, body);
    expect(answer).toMatch(end);
    expect(answer).not.toMatch(/too slow/);
    expect(answer.length).toBeGreaterThan(LONGER_TEXT_CHARACTERS);
  });
});
