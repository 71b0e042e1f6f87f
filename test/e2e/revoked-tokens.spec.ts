import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import supertest from 'supertest';
import { MetricsPage } from '../support/metrics-reader.js';
import { RawSocket } from '../support/raw-socket.js';
import { ResponseSocketClient, textOf } from '../support/responses.js';
import { App, type Json } from '../support/start-app.js';

const run = promisify(execFile);

let app: App;
let count = 0;

beforeAll(async () => {
  app = await App.start();
});

afterAll(async () => {
  await app.stop();
});

interface Client {
  name: string;
  token: string;
}

async function command(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ['dist/main.js', 'token', ...args, '--data-dir', app.scratch.dataDir]);
  return stdout;
}

/** A token that is good already. */
async function createToken(): Promise<Client> {
  count += 1;
  const name = `client-${String(count)}`;
  const [token = ''] = (await command('create', name, '--scopes', 'read,write')).split('\n');
  const statusOf = async (): Promise<number> =>
    (await supertest(app.url).get('/api/v2/threads').set('Authorization', `Bearer ${token}`)).status;
  while ((await statusOf()) !== 200) {
    // The file is looked at a few times a second.
  }
  return { name, token };
}

const revoke = ({ name }: Client): Promise<string> => command('revoke', name);
const bearer = ({ token }: Client): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** Sends a request that is answered when its turn is over, and waits until that is under way. */
async function ask(client: Client, path: string, body: object, gate: string): Promise<RawSocket> {
  const text = JSON.stringify(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${new URL(app.url).host}`,
    `Authorization: Bearer ${client.token}`,
    'Content-Type: application/json',
    'Connection: close',
    `Content-Length: ${String(Buffer.byteLength(text))}`,
  ];
  const socket = (await RawSocket.open(app.url)).send([...head, '', text].join('\r\n'));
  await app.model.reached(gate);
  return socket;
}

describe('a token that is revoked', () => {
  it('has its WebSockets told and closed, and what they asked for goes on', async () => {
    const [client, other] = [await createToken(), await createToken()];
    const socket = await ResponseSocketClient.open(app, bearer(client));
    const bystander = await ResponseSocketClient.open(app, bearer(other));
    const idle = await ResponseSocketClient.open(app, bearer(client));
    socket.send({ input: 'gate: revoked\nsay: done all the same' });
    await app.model.reached('revoked');
    const { data } = (await app.get('/api/v2/threads?limit=1')).body as { data: { thread_id: string }[] };
    const [busyEnd, idleEnd] = [socket.end(), idle.end()];
    await revoke(client);
    const wanted = { code: 1008, reason: 'This token has been revoked.' };
    expect([await busyEnd, await idleEnd]).toEqual([wanted, wanted]);
    for (const closed of [socket, idle]) {
      expect((await closed.next()).at(-1)).toMatchObject({
        ...{ type: 'error', status: 401 },
        error: { code: 'invalid_api_key', message: 'This token has been revoked.' },
      });
    }
    const stream = await app.stream(data[0]?.thread_id ?? '', '?after=0');
    app.model.release('revoked');
    await stream.until('turn/completed');
    stream.close();
    expect(textOf(await bystander.create({ input: 'say: still here' }))).toBe('still here');
    await bystander.close();
    const refused = await ResponseSocketClient.refusal(app, bearer(client));
    expect(refused.status).toBe(401);
    const page = await MetricsPage.until(app, (now) => now.value('codex_web_connections_open') <= 3);
    expect(page.value('codex_web_streams_open')).toBe(0);
  });

  const chat = (script: string): object => ({ messages: [{ role: 'user', content: script }] });

  it.each<[string, string, (script: string) => object, RegExp]>([
    ['a response', '/v1/responses', (input) => ({ input }), /^HTTP\/1\.1 401 .*"invalid_api_key"/s],
    ['a completion', '/v1/chat/completions', chat, /^HTTP\/1\.1 401 .*"invalid_api_key"/s],
    [
      'a streamed response',
      '/v1/responses',
      (input) => ({ input, stream: true }),
      /^HTTP\/1\.1 200 .*event: error\ndata: .*"invalid_api_key".*\[DONE\]/s,
    ],
    [
      'a streamed completion',
      '/v1/chat/completions',
      (script) => ({ ...chat(script), stream: true }),
      /^HTTP\/1\.1 (?:401|200) .*"invalid_api_key"/s,
    ],
    [
      'messages',
      '/messages',
      (message) => ({ type: 'user_message', message }),
      /^HTTP\/1\.1 200 .*"type":"error","message":"This token has been revoked\.","code":"unauthorized"/s,
    ],
  ])('has the answer ended that is on its way, with the reason: %s', async (name, path, toBody, told) => {
    const client = await createToken();
    const gate = name.replaceAll(' ', '-');
    const socket = await ask(client, path, toBody(`gate: ${gate}\nsay: too late`), gate);
    await revoke(client);
    const answer = await socket.closed;
    expect(answer).toMatch(told);
    expect(answer).not.toContain('shutting down');
    app.model.release(gate);
  });

  it('has a turn of the bridge ended, and a keyed request', async () => {
    const client = await createToken();
    const started = await supertest(app.url).post('/api/thread/start').set(bearer(client)).send({});
    const { id } = (started.body as { thread: { id: string } }).thread;
    const input = [{ type: 'text', text: 'gate: bridged\nsay: too late' }];
    const bridged = await ask(client, '/api/turn/start', { threadId: id, input }, 'bridged');
    await revoke(client);
    expect(await bridged.closed).toMatch(/^HTTP\/1\.1 401 /);
    app.model.release('bridged');
    await app.get(`/api/v2/threads/${id}`).expect(200);
    expect(app.server.output).not.toContain('unexpected error');
  });

  it('has an upload cut off', async () => {
    const client = await createToken();
    const head = [
      'POST /api/v2/attachments HTTP/1.1',
      `Host: ${new URL(app.url).host}`,
      `Authorization: Bearer ${client.token}`,
      'Content-Type: multipart/form-data; boundary=b',
      'Content-Length: 1000',
      'Expect: 100-continue',
    ];
    const socket = (await RawSocket.open(app.url)).send([...head, '', ''].join('\r\n'));
    await socket.until('100 Continue');
    socket.send('--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf');
    await revoke(client);
    expect(await socket.closed).toMatch(/HTTP\/1\.1 401 /);
    expect(app.server.output).not.toContain('unexpected error');
  });

  it('is ended as well when it loses a scope', async () => {
    const client = await createToken();
    const socket = await ResponseSocketClient.open(app, bearer(client));
    const end = socket.end();
    const path = join(app.scratch.dataDir, 'tokens.json');
    const file = JSON.parse(readFileSync(path, 'utf8')) as { tokens: (Json & { name: string })[] };
    for (const token of file.tokens.filter(({ name }) => name === client.name)) {
      token.scopes = ['read'];
    }
    writeFileSync(path, JSON.stringify(file));
    expect((await end).code).toBe(1008);
    await supertest(app.url).get('/api/v2/threads').set(bearer(client)).expect(200);
  });
});

it('a server that stops closes WebSockets within its time, whatever runs', async () => {
  const stopping = await App.start({ args: ['--shutdown-timeout', '1'] });
  const [busy, idle] = [await ResponseSocketClient.open(stopping), await ResponseSocketClient.open(stopping)];
  busy.send({ input: 'gate: never\nsay: never' });
  await stopping.model.reached('never');
  const ends = Promise.all([busy.end(), idle.end()]);
  const exit = await stopping.terminate();
  expect(exit.code).toBe(0);
  expect((await ends).map(({ code }) => code)).toEqual([1001, 1001]);
  await stopping.stop();
});
