import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import supertest from 'supertest';
import { send } from '../support/raw-request.js';
import { refusal } from '../support/refusal.js';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';
import { FORM_TYPE, post, postRaw, toForm, toPart, upload } from '../support/uploads.js';

const MAX_BYTES = 1_000_000;

describe('an upload', () => {
  const env: Record<string, string> = { CODEX_WEB_MAX_ATTACHMENT_BYTES: String(MAX_BYTES) };
  let app: App;
  let folder: string;

  beforeAll(async () => {
    app = await App.start({ env });
    folder = join(app.scratch.dataDir, 'attachments');
    await upload(app, 'first', 'first.txt').expect(201);
  });

  afterAll(async () => {
    await app.stop();
  });

  it('may be as large as is set, and not a byte larger', async () => {
    const before = readdirSync(folder).length;
    expect(await refusal(upload(app, Buffer.alloc(MAX_BYTES + 1), 'a'))).toMatchObject({
      status: 413,
      code: 'payload_too_large',
    });
    expect(await refusal(upload(app, Buffer.alloc(20 * MAX_BYTES), 'a'))).toMatchObject({ status: 413 });
    expect(readdirSync(folder)).toHaveLength(before);
    const whole = await upload(app, Buffer.alloc(MAX_BYTES), 'a').expect(201);
    expect(whole.body).toMatchObject({ size_bytes: MAX_BYTES });
  });

  it('that says it is far too large is refused before it is sent', async () => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': FORM_TYPE, 'content-length': '99000000' };
    const answer = await send(app.url, { method: 'POST', path: '/api/v2/attachments', headers });
    expect(answer).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
  });

  it('is one file and nothing else', async () => {
    const before = readdirSync(folder).length;
    const file = toPart({ name: 'file', filename: 'a.txt' }, 'x');
    const field = toPart({ name: 'note' }, 'y');
    const bodies = {
      empty: post(app, [toPart({ name: 'file', filename: 'a.txt' }, '')]),
      none: post(app, []),
      nameless: post(app, [toPart({ name: 'file', filename: '' }, 'x')]),
      'not a file': post(app, [toPart({ name: 'file' }, 'x')]),
      two: post(app, [file, file]),
      'another name': post(app, [toPart({ name: 'document', filename: 'a.txt' }, 'x')]),
      'a field before': post(app, [field, file]),
      'a field after': post(app, [file, field]),
      'cut off': postRaw(app, toForm([file]).subarray(0, -30)),
      'cut off in the head': postRaw(app, file.subarray(0, 40)),
      'no form': postRaw(app, Buffer.from('{"file":"x"}')),
      'nothing at all': postRaw(app, Buffer.alloc(0)),
    };
    const answers = await Promise.all(
      Object.entries(bodies).map(async ([name, test]) => {
        const { status, code } = await refusal(test);
        return [name, status, code];
      }),
    );
    expect(answers).toEqual(Object.keys(bodies).map((name) => [name, 400, 'invalid_request']));
    expect(readdirSync(folder)).toHaveLength(before);
  });

  it('has to be a form, with a boundary', async () => {
    expect(await refusal(app.post('/api/v2/attachments', { file: 'x' }))).toMatchObject({ status: 415 });
    const unbounded = postRaw(app, toForm([])).set('Content-Type', 'multipart/form-data');
    expect(await refusal(unbounded)).toMatchObject({ status: 400, code: 'invalid_request' });
    await supertest(app.url).post('/api/v2/attachments').attach('file', Buffer.from('x'), 'x').expect(401);
  });

  it('that its sender gives up leaves nothing', async () => {
    const before = readdirSync(folder).length;
    const { hostname, port, host } = new URL(app.url);
    const events = watch(folder)[Symbol.asyncIterator]();
    const firstEvent = events.next();
    const socket = connect(Number(port), hostname);
    const head = `POST /api/v2/attachments HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${TOKEN}\r\n`;
    socket.write(`${head}Content-Type: ${FORM_TYPE}\r\nContent-Length: 900000\r\n\r\n`);
    socket.write(toPart({ name: 'file', filename: 'a' }, Buffer.alloc(100_000)));
    await firstEvent;
    expect(readdirSync(folder)).toHaveLength(before + 1);
    socket.destroy();
    while (readdirSync(folder).length > before) {
      await events.next();
    }
    await events.return?.();
  });

  it('is refused, with what was wrong, while nothing can be stored', async () => {
    renameSync(folder, `${folder}.away`);
    writeFileSync(folder, '');
    const answer = await upload(app, 'x', 'a.txt').expect(503);
    expect(answer.body).toMatchObject({ code: 'storage_unavailable' });
    expect(answer.text).not.toContain(app.scratch.root);
    expect(answer.headers['retry-after']).toBe('5');
    rmSync(folder);
    renameSync(`${folder}.away`, folder);
    await upload(app, 'x', 'a.txt').expect(201);
  });

  it('is still there after a crash, for its owner alone, and what was not completed is gone', async () => {
    const made = await upload(app, 'kept', 'kept.txt').expect(201);
    const body = made.body as { attachment_id: string };
    const id = body.attachment_id;
    const names = readdirSync(folder).sort();
    await app.server.signal('SIGKILL');
    writeFileSync(join(folder, 'unknown'), 'x');
    writeFileSync(join(folder, `${id}.part`), 'x');
    await app.restart();
    expect(readdirSync(folder).sort()).toEqual(names);
    const loaded = await app.get(`/api/v2/attachments/${id}`).expect(200);
    expect(loaded.text).toBe('kept');
    expect((await app.get(`/api/v2/attachments/${id}/metadata`).expect(200)).body).toEqual(body);

    await app.terminate();
    env.CODEX_AUTH_TOKEN = 'another-token-0123456789abcdef';
    await app.restart();
    const as = (method: 'get' | 'delete', path: string): supertest.Test =>
      supertest(app.url)[method](path).set('Authorization', 'Bearer another-token-0123456789abcdef');
    for (const path of [`/api/v2/attachments/${id}`, `/api/v2/attachments/${id}/metadata`]) {
      expect(await refusal(as('get', path))).toMatchObject({ status: 404, code: 'not_found' });
    }
    expect(await refusal(as('delete', `/api/v2/attachments/${id}`))).toMatchObject({ status: 404 });
    expect(readdirSync(folder)).toContain(id);
  });
});
