import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import supertest from 'supertest';
import { SseReader } from '../support/sse-reader.js';
import { App } from '../support/start-app.js';

const run = promisify(execFile);
const NOBODY = '00000000-0000-0000-0000-000000000000';

describe('named tokens', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  const command = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(process.execPath, [
      'dist/main.js',
      'token',
      ...args,
      '--data-dir',
      app.scratch.dataDir,
    ]);
    return stdout;
  };

  const as = (token: string, method: 'get' | 'post' | 'put' | 'delete', path: string): supertest.Test =>
    supertest(app.url)[method](path).set('Authorization', `Bearer ${token}`);

  const statusOf = async (token: string, method: 'get' | 'post' | 'put' | 'delete', path: string): Promise<number> =>
    (await as(token, method, path).send(method === 'get' ? undefined : {})).status;

  /** The file is looked at a few times a second. */
  const untilStatus = async (token: string, status: number): Promise<void> => {
    while ((await statusOf(token, 'get', '/api/v2/threads')) !== status) {
      await delay(50);
    }
  };

  const create = async (name: string, scopes: string): Promise<string> => {
    const [token = ''] = (await command('create', name, '--scopes', scopes)).split('\n');
    await untilStatus(token, scopes.includes('read') ? 200 : 403);
    return token;
  };

  it('have idempotency keys of their own', async () => {
    const [ann, ben] = [await create('ann', 'read,write'), await create('ben', 'read,write')];
    const make = async (token: string, who: string): Promise<supertest.Response> =>
      as(token, 'post', '/api/v2/threads').set('Idempotency-Key', 'the-same-key').send({ metadata: { who } });
    const [hers, his, again] = [await make(ann, 'ann'), await make(ben, 'ben'), await make(ann, 'ann')];
    expect([hers, his, again].map(({ status }) => status)).toEqual([201, 201, 201]);
    expect((his.body as { metadata: object }).metadata).toEqual({ who: 'ben' });
    expect([again.text, again.headers['idempotent-replayed']]).toEqual([hers.text, 'true']);
  });

  it('are good for what they were made for, and for nothing else', async () => {
    const reader = await create('reader', 'read');
    const writer = await create('writer', 'write');
    const approver = await create('approver', 'approve');
    const admin = await create('admin', 'admin');
    const threadId = await app.createThread();
    const requests = [
      ['get', `/api/v2/threads/${threadId}`],
      ['post', '/api/v2/stream-tickets'],
      ['post', `/api/v2/threads/${threadId}/archive`],
      ['post', `/api/v2/threads/${threadId}/approvals/${NOBODY}`],
      ['put', '/api/v2/config'],
      ['delete', '/api/v2/mcp/servers/none'],
    ] as const;
    const statuses = await Promise.all(
      [reader, writer, approver, admin].map(async (token) => {
        const all: number[] = [];
        for (const [method, path] of requests) {
          all.push(await statusOf(token, method, path));
        }
        return all.map((status) => (status === 403 ? 'no' : 'yes')).join(' ');
      }),
    );
    // The last is refused to all but admins, and to them by --allow-config-admin.
    expect(statuses).toEqual(['yes yes no no no no', 'no no yes no no no', 'no no no yes no no', 'no no no no yes no']);
    const refused = await as(reader, 'post', '/api/v2/threads').send({}).expect(403);
    expect(refused.headers['www-authenticate']).toBe(
      'Bearer realm="codex-web-server", error="insufficient_scope", scope="write"',
    );
    expect(refused.body).toMatchObject({ code: 'forbidden', detail: expect.stringContaining('"write"') as string });
  });

  it('end at once when they are revoked, with the streams and tickets that they opened', async () => {
    const token = await create('short', 'read,write');
    const url = `${app.url}/api/v2/events`;
    const stream = await SseReader.open(url, { headers: { authorization: `Bearer ${token}` } });
    const ticket = (await as(token, 'post', '/api/v2/stream-tickets').send({}).expect(201)).body as { ticket: string };
    await command('revoke', 'short');
    await stream.ended;
    expect(stream.frames.at(-1)).toMatchObject({ event: 'stream/closing', data: { reason: 'token_revoked' } });
    await as(token, 'get', '/api/v2/threads').expect(401);
    await expect(SseReader.open(`${url}?ticket=${ticket.ticket}`)).rejects.toThrow('401');
  });

  it('are kept as digests in a file that only its owner reads', async () => {
    const token = await create('kept', 'read');
    const path = join(app.scratch.dataDir, 'tokens.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain(token);
    const list = (await command('list')).split('\n').find((line) => line.startsWith('kept '));
    expect(list).toMatch(/^kept +\d{4}-\S+Z {2}read$/);
    await app.terminate();
    await app.restart();
    await as(token, 'get', '/api/v2/threads').expect(200);
    await app.get('/api/v2/threads').expect(200);
  });

  it('are all refused while their file makes no sense', async () => {
    const token = await create('unlucky', 'read');
    const path = join(app.scratch.dataDir, 'tokens.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.slice(0, 40));
    await untilStatus(token, 401);
    await app.get('/api/v2/threads').expect(200);
    writeFileSync(path, text);
    await untilStatus(token, 200);
  });

  it.each([
    [['create', 'a b'], 'is no name for a token'],
    [['create', 'x', '--scopes', 'read,fly'], 'there is no scope "fly"'],
    [['create', 'unlucky'], 'there is a token "unlucky" already'],
    [['revoke', 'nobody'], 'there is no token "nobody"'],
    [['create'], 'is not used like this'],
    [['lend', 'x'], 'is nothing to do with a token'],
    [['list', '--colour'], '--colour'],
  ])('are not made by `token %j`', async (args, message) => {
    const failure = (await command(...args).catch((error: unknown) => error)) as { code: number; stderr: string };
    expect(failure.code).toBe(2);
    expect(failure.stderr).toContain(message);
  });
});
