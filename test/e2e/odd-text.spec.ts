import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChatClient, user } from '../support/chat.js';
import { Conversation } from '../support/conversation.js';
import { problemOf, type RawAnswer, send } from '../support/raw-request.js';
import { ResponsesClient, ResponseSocketClient, textOf } from '../support/responses.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';
import { SseReader } from '../support/sse-reader.js';

/** Half of a surrogate pair, as is left of an emoji that was cut by its UTF-16 length. */
const HALF = '\ud83d';
const WHOLE = '\ufffd';

const TOOL = { type: 'function', name: 'weather', description: 'The weather.', input_schema: { type: 'object' } };

let app: App;

beforeAll(async () => {
  app = await App.start({ env: { HOME: '/var/empty' } });
});

afterAll(async () => {
  await app.stop();
});

const raw = (method: string, path: string, body: string): Promise<RawAnswer> =>
  send(app.url, {
    method,
    path,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body,
  });

/** The last thing that the user said, as the model was told it. */
const lastPrompt = (): string => {
  const input = app.model.requests.at(-1)?.body.input as { role?: string; content?: { text?: string }[] }[];
  return (
    input
      .filter(({ role }) => role === 'user')
      .at(-1)
      ?.content?.at(-1)?.text ?? ''
  );
};

describe('half of a surrogate pair', () => {
  it('in a turn is U+FFFD, and the turn and the next one run', async () => {
    const threadId = await app.createThread();
    const turn = await app.runTurn(threadId, `say: a ${HALF} b`);
    expect(turn).toMatchObject({ status: 'completed' });
    expect(turn.items.at(-1)).toMatchObject({ text: `a ${WHOLE} b` });
    expect((await app.runTurn(threadId, 'say: next')).items.at(-1)).toMatchObject({ text: 'next' });
  });

  it('is found where it is alone, also beside whole pairs and escaped backslashes', async () => {
    const threadId = await app.createThread();
    const text = String.raw`say: \ud83d\ude00 \\ud83d \\\ud83d \ude00\ud83d \uD83D\uD83D\uDE00`;
    const answer = await raw(
      'POST',
      `/api/v2/threads/${threadId}/turns`,
      `{"input":[{"type":"text","text":"${text}"}]}`,
    );
    expect(answer).toMatchObject({ status: 202 });
    const input = (answer.body as { input: { text: string }[] }).input[0]?.text;
    expect(input).toBe(String.raw`say: 😀 \ud83d \� �� �😀`);
  });

  it('in names, metadata, its keys, configuration and instructions is U+FFFD too', async () => {
    const body = { name: `n ${HALF}`, metadata: { [`k ${HALF}`]: `v ${HALF}` }, developer_instructions: `i ${HALF}` };
    const created = await app.post('/api/v2/threads', body).expect(201);
    const { thread_id: threadId, ...rest } = created.body as Json;
    expect(rest).toMatchObject({ name: `n ${WHOLE}`, metadata: { [`k ${WHOLE}`]: `v ${WHOLE}` } });
    const renamed = await app.patch(`/api/v2/threads/${String(threadId)}`, { name: `m ${HALF}` }).expect(200);
    expect(renamed.body).toMatchObject({ name: `m ${WHOLE}` });
    expect((await app.runTurn(String(threadId), 'say: well')).status).toBe('completed');
  });

  it('in what a tool of the caller gave reaches the model, and the turn ends', async () => {
    const talk = await Conversation.start(app, 'call: weather {}\nsay: Went on.', { dynamic_tools: [TOOL] });
    await talk.answerNext({ decision: 'approve', result: { content: [{ type: 'text', text: `hot ${HALF}` }] } });
    const { status, output } = await talk.end();
    expect([status, output]).toEqual(['completed', `hot ${WHOLE}`]);
  });

  it('in what steers a turn reaches the model', async () => {
    const threadId = await app.createThread();
    const stream = await app.stream(threadId);
    const { turn_id: turnId } = await app.submit(threadId, 'gate: steered');
    await app.model.reached('steered');
    const steer = { input: [{ type: 'text', text: `more ${HALF}` }] };
    await app.post(`/api/v2/threads/${threadId}/turns/${turnId}/steer`, steer).expect(200);
    app.model.release('steered');
    await stream.turnEnd(turnId);
    stream.close();
    expect(lastPrompt()).toBe(`more ${WHOLE}`);
  });

  it('in a chat, with its history and tool outputs, is U+FFFD', async () => {
    const { message } = await new ChatClient(app).say(`say: chat ${HALF}`);
    expect(message.content).toBe(`chat ${WHOLE}`);
    const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: String.raw`{"x":"\ud83d"}` } };
    const { message: last } = await new ChatClient(app).send({
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
      messages: [
        user('hi'),
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: HALF },
        user('say: after'),
      ],
    });
    expect(last.content).toBe('after');
  });

  it('in a response, over HTTP and over a WebSocket, is U+FFFD', async () => {
    const client = new ResponsesClient(app);
    expect(textOf(await client.create({ input: `say: one ${HALF}`, instructions: HALF }))).toBe(`one ${WHOLE}`);
    const socket = await ResponseSocketClient.open(app);
    expect(textOf(await socket.create({ input: `say: two ${HALF}` }))).toBe(`two ${WHOLE}`);
    await socket.close();
  });

  it('in a message and in a turn of the bridge is U+FFFD', async () => {
    const stream = await SseReader.open(`${app.url}/messages`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      body: { type: 'user_message', message: `say: three ${HALF}` },
    });
    await stream.ended;
    expect(stream.frames.map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ type: 'agent_message', message: `three ${WHOLE}` }),
    );
    const { thread } = (await app.post('/api/thread/start', { developerInstructions: HALF }).expect(200)).body as {
      thread: { id: string };
    };
    const input = [{ type: 'text', text: `say: four ${HALF}` }];
    await app.post('/api/turn/start', { threadId: thread.id, input }).expect(200);
    expect(lastPrompt()).toContain(`four ${WHOLE}`);
  });

  it('in a command, its environment and its output harms nobody', async () => {
    const exec = { command: ['sh', '-c', 'printf "%s %s" "$X" "$1"', 'sh', `x ${HALF}`], env: { X: HALF } };
    const answer = await app.post('/api/v2/commands/exec', exec).expect(200);
    expect(answer.body).toMatchObject({ stdout: `${WHOLE} x ${WHOLE}` });
    // The engine guesses the charset of what is no UTF-8.
    const bytes = await app.post('/api/v2/commands/exec', { command: ['printf', String.raw`a\355\240\275\377`] });
    expect((bytes.body as { stdout: string }).stdout).toMatch(/^a/);
    expect((bytes.body as { stdout: string }).stdout.isWellFormed()).toBe(true);
  });
});

describe('a preview', () => {
  it('is not cut through the middle of a character', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, `say: ${'x'.repeat(194)}😀 and more`);
    const answer = await app.get(`/api/v2/threads/${threadId}`).expect(200);
    expect((answer.body as { preview: string }).preview).toBe(`say: ${'x'.repeat(194)}`);
  });
});

describe('a file that is not UTF-8', () => {
  it('is read by a turn that goes on', async () => {
    writeFileSync(join(app.scratch.workspace, 'odd.txt'), Buffer.from([0x61, 0xed, 0xa0, 0xbd, 0xff, 0x00, 0x62]));
    const threadId = await app.createThread();
    const turn = await app.runTurn(threadId, 'run: cat odd.txt\nsay: read it');
    expect(turn).toMatchObject({ status: 'completed' });
    expect(turn.items.at(-1)).toMatchObject({ text: 'read it' });
    expect(readFileSync(join(app.scratch.workspace, 'odd.txt'))).toHaveLength(7);
  });
});

describe('64 requests that take long', () => {
  it('delay no other caller', async () => {
    const lock = join(app.scratch.workspace, 'lock');
    writeFileSync(lock, '');
    // It holds the lock until its input ends.
    const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    const exec = { command: ['flock', '--shared', lock, 'true'], timeout_ms: 50_000 };
    let isReleased = false;
    const slow = Array.from({ length: 70 }, async () => {
      const { status } = await app.post('/api/v2/commands/exec', exec);
      return { status, isReleased };
    });
    await app.post('/api/v2/threads', {}).expect(201);
    await app.post('/api/v2/commands/exec', { command: ['true'] }).expect(200);
    isReleased = true;
    holder.stdin.end();
    for (const answer of await Promise.all(slow)) {
      expect(answer).toEqual({ status: 200, isReleased: true });
    }
  });
});

describe('a key that an object has twice', () => {
  it.each([
    ['{"name":"a","name":"b"}', 'name'],
    ['{"metadata":{"a":"1","b":"2","a":"3"}}', 'metadata.a'],
    [String.raw`{"metadata":{"a":"1","\u0061":"3"}}`, 'metadata.a'],
    ['{"dynamic_tools":[{}, {"x":[1, {"y" : 1 , "y" : 2}]}]}', 'dynamic_tools[1].x[1].y'],
    [String.raw`{"config":{"\ud83d":1,"\ud83e":2}}`, 'config.\ufffd'],
  ])('%s is 400 and named', async (body, path) => {
    const answer = await raw('POST', '/api/v2/threads', body);
    expect(problemOf(answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect(answer.body.errors).toEqual([{ path, message: 'is there twice' }]);
  });

  it('is refused by the dialects, and in frames of a WebSocket', async () => {
    for (const [path, body] of [
      ['/v1/chat/completions', '{"model":"m","model":"m","messages":[]}'],
      ['/v1/responses', '{"input":"x","input":"y"}'],
      ['/messages', '{"type":"user_message","message":"x","message":"y"}'],
      ['/api/thread/start', '{"model":"a","model":"b"}'],
    ] as const) {
      expect([path, (await raw('POST', path, body)).status]).toEqual([path, 400]);
    }
    const socket = await ResponseSocketClient.open(app);
    expect(await socket.fail('{"type":"response.create","input":"x","input":"y"}')).toMatchObject({ param: 'input' });
    await socket.close();
  });

  it('is told from the same key in other objects, and from texts that look like one', async () => {
    const schema = '{"type":"object","properties":{"a":{"type":"string"},"name":{"type":"string"}}}';
    const tools = `[{"type":"function","name":"a","description":"b","input_schema":${schema}}]`;
    const rest = `"metadata":{"a":"\\"b\\":","b":"x:y"},"dynamic_tools":${tools}`;
    const body = String.raw`{"name":"\"a\": \\",${rest}}`;
    const answer = await raw('POST', '/api/v2/threads', body);
    expect(answer).toMatchObject({ status: 201, body: { name: String.raw`"a": \ `.trim(), metadata: { a: '"b":' } } });
  });
});
