import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Response } from 'supertest';
import { toPng, upload } from '../support/uploads.js';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

describe('attachments', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  const send = async (bytes: Buffer | string, filename: string): Promise<Json & { attachment_id: string }> => {
    const answer = await upload(app, bytes, filename).expect(201);
    return answer.body as Json & { attachment_id: string };
  };
  const download = (id: string, headers: Record<string, string> = {}): Promise<Response> =>
    app
      .get(`/api/v2/attachments/${id}`)
      .set(headers)
      .buffer(true)
      .parse((res, done) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () => {
          done(null, Buffer.concat(chunks));
        });
      })
      .then((response) => response);
  const fileOf = (id: string): string => join(app.scratch.dataDir, 'attachments', id);
  const userContent = (): Json[] => {
    const { input } = app.model.requests.at(-1)?.body as { input: (Json & { content: Json[] })[] };
    return input.filter(({ role }) => role === 'user').flatMap(({ content }) => content);
  };

  it('come back byte for byte, with what was found out about them', async () => {
    const bytes = randomBytes(3_000_001);
    const answer = await upload(app, bytes, 'data.bin').expect(201);
    const attachment = answer.body as Json & { attachment_id: string };
    expect(attachment).toEqual({
      attachment_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      filename: 'data.bin',
      content_type: 'application/octet-stream',
      size_bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      thread_id: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
    });
    const id = attachment.attachment_id;
    expect(answer.headers.location).toBe(`/api/v2/attachments/${id}`);
    expect((await app.get(`/api/v2/attachments/${id}/metadata`).expect(200)).body).toEqual(attachment);
    const loaded = await download(id);
    expect(bytes.equals(loaded.body as Buffer)).toBe(true);
    expect(loaded.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename="data.bin"; filename*=UTF-8''data.bin`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
    });
    expect(statSync(fileOf(id)).mode & 0o777).toBe(0o600);
  });

  it('are served in ranges, to go on with a download', async () => {
    const { attachment_id: id, sha256 } = await send('0123456789', 'digits.txt');
    const ranges = ['bytes=2-4', 'bytes=7-', 'bytes=-2', 'bytes=5-99', 'bytes=10-', 'bytes=4-2', 'bytes=0-1,3-4', 'x'];
    const answers = await Promise.all(ranges.map((range) => download(id, { range })));
    expect(
      answers.map(({ status, body, headers }) => [status, String(body), headers['content-range'] as unknown]),
    ).toEqual([
      [206, '234', 'bytes 2-4/10'],
      [206, '789', 'bytes 7-9/10'],
      [206, '89', 'bytes 8-9/10'],
      [206, '56789', 'bytes 5-9/10'],
      ...Array.from({ length: 4 }, () => [200, '0123456789', undefined]),
    ]);
    const same = await download(id, { range: 'bytes=1-1', 'if-range': `"${String(sha256)}"` });
    const other = await download(id, { range: 'bytes=1-1', 'if-range': '"other"' });
    expect([same.status, other.status]).toEqual([206, 200]);
  });

  it('are served under the older address too', async () => {
    const answer = await upload(app, 'old', 'old.txt', '/api/v1/attachments').expect(201);
    const { attachment_id: id } = answer.body as { attachment_id: string };
    expect(answer.headers.location).toBe(`/api/v1/attachments/${id}`);
    const loaded = await app.get(`/api/v1/attachments/${id}`).expect(200);
    expect(loaded.text).toBe('old');
    expect((await app.get(`/api/v1/attachments/${id}/metadata`).expect(200)).body).toEqual(answer.body);
    await app.delete(`/api/v1/attachments/${id}`).expect(204);
    await app.get(`/api/v2/attachments/${id}`).expect(404);
  });

  it('are of the type that their bytes show, whatever the sender says', async () => {
    const contents: [Buffer | string, string][] = [
      [toPng(), 'a.txt'],
      ['%PDF-1.7\n', 'a.png'],
      ['<html><script>alert(1)</script></html>', 'page.html'],
      ['Grüße 👋', 'b.exe'],
      [Buffer.from([0xff, 0xfe, 0x00]), 'c.txt'],
      [`${'a'.repeat(65_535)}ü`, 'cut-in-a-character'],
    ];
    const types = await Promise.all(contents.map(async ([bytes, name]) => (await send(bytes, name)).content_type));
    const text = 'text/plain';
    expect(types).toEqual(['image/png', 'application/pdf', text, text, 'application/octet-stream', text]);
  });

  it('never run as a page of this server', async () => {
    const { attachment_id: id } = await send('<script>alert(1)</script>', 'page.html');
    const { headers } = await download(id);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': expect.stringMatching(/^attachment;/) as string,
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
    });
  });

  it('have a safe name, which is never a path', async () => {
    const names: [string, string][] = [
      ['../../etc/passwd', 'passwd'],
      ['C:\\Windows\\system.ini', 'system.ini'],
      ['..', 'file'],
      ['Grüße 👋 "q".txt', 'Grüße 👋 "q".txt'],
      ['a\u202Egnp.exe', 'agnp.exe'],
      [`${'n'.repeat(300)}.tar`, `${'n'.repeat(196)}.tar`],
    ];
    const sent = await Promise.all(names.map(([name]) => send('x', name)));
    expect(sent.map(({ filename }) => filename)).toEqual(names.map(([, safe]) => safe));
    const { headers } = await download(sent[3]?.attachment_id ?? '');
    expect(headers['content-disposition']).toBe(
      `attachment; filename="Gr__e _ _q_.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%F0%9F%91%8B%20%22q%22.txt`,
    );
    const files = readdirSync(join(app.scratch.dataDir, 'attachments'));
    expect(files.filter((name) => !/^[0-9a-f-]{36}$/.test(name))).toEqual([]);
  });

  it('show an image to the model', async () => {
    const { attachment_id: id } = await send(toPng(), 'dot.png');
    const threadId = await app.createThread();
    const input = [
      { type: 'attachment', attachment_id: id },
      { type: 'text', text: 'say: Seen.' },
    ];
    const turn = await app.runTurn(threadId, '', { input });
    expect(turn).toMatchObject({ status: 'completed', input });
    const images = userContent().filter(({ type }) => type === 'input_image');
    expect(images.map(({ image_url: url }) => url)).toEqual([`data:image/png;base64,${toPng().toString('base64')}`]);
    const metadata = await app.get(`/api/v2/attachments/${id}/metadata`).expect(200);
    expect(metadata.body).toMatchObject({ thread_id: threadId });
  });

  it('let the agent read a file in its sandbox, and tell it where', async () => {
    const { attachment_id: id } = await send('secret words\n', 'notes.txt');
    const threadId = await app.createThread();
    const input = [
      { type: 'attachment', attachment_id: id },
      { type: 'text', text: `run: cat ${fileOf(id)}\nsay: Read.` },
    ];
    const turn = await app.runTurn(threadId, '', { input });
    expect(turn).toMatchObject({ status: 'completed', input });
    const texts = userContent().map(({ text }) => text);
    expect(texts).toContain(
      `The user attached the file "notes.txt" (text/plain, 13 bytes). It can be read at ${fileOf(id)}`,
    );
    expect(JSON.stringify(app.model.requests.at(-1)?.body)).toContain('secret words');
  });

  it('can be added to a turn that runs', async () => {
    const { attachment_id: id } = await send('more\n', 'more.txt');
    const threadId = await app.createThread();
    const { turn_id: turnId } = await app.submit(threadId, 'gate: steered');
    await app.model.reached('steered');
    const stream = await app.stream(threadId);
    const input = [
      { type: 'attachment', attachment_id: id },
      { type: 'text', text: 'say: Steered.' },
    ];
    await app.post(`/api/v2/threads/${threadId}/turns/${turnId}/steer`, { input }).expect(200);
    app.model.release('steered');
    await stream.turnEnd(turnId);
    stream.close();
    expect(JSON.stringify(userContent())).toContain(fileOf(id));
  });

  it('that nobody has are refused before anything runs', async () => {
    const threadId = await app.createThread();
    const input = [
      { type: 'text', text: 'say: Never.' },
      { type: 'attachment', attachment_id: 'nobody' },
    ];
    const refused = { status: 404, code: 'not_found', paths: ['input[1].attachment_id'] };
    expect(await refusal(app.post(`/api/v2/threads/${threadId}/turns`, { input }))).toEqual(refused);
    expect((await app.get(`/api/v2/threads/${threadId}/turns`).expect(200)).body).toMatchObject({ data: [] });
    const paths = ['/nobody', '/nobody/metadata', '/..%2f..%2fcodex-web.db', '/%2e%2e%2fcodex-web.db/metadata'];
    for (const path of paths) {
      expect(await refusal(app.get(`/api/v2/attachments${path}`))).toMatchObject({ status: 404, code: 'not_found' });
    }
  });

  it('fail a turn that waited for its turn while they were deleted', async () => {
    const { attachment_id: id } = await send('gone', 'gone.txt');
    const threadId = await app.createThread();
    const stream = await app.stream(threadId);
    await app.submit(threadId, 'gate: hold');
    await app.model.reached('hold');
    const input = [{ type: 'attachment', attachment_id: id }];
    const waiting = await app.submit(threadId, '', { input });
    await app.delete(`/api/v2/attachments/${id}`).expect(204);
    app.model.release('hold');
    expect(await stream.turnEnd(waiting.turn_id)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('was deleted before the agent could see it') as string },
    });
    stream.close();
  });

  it('go when they are deleted, or the first thread that used them is', async () => {
    const [first, second, own] = await Promise.all(['1', '2', '3'].map((text) => send(text, `${text}.txt`)));
    const ids = [first, second, own].map((attachment) => attachment?.attachment_id ?? '');
    const [threadId, other] = [await app.createThread(), await app.createThread()];
    const parts = ids.map((id) => ({ type: 'attachment', attachment_id: id }));
    await app.runTurn(other, '', { input: [parts[1], { type: 'text', text: 'say: Other.' }] });
    await app.runTurn(threadId, '', { input: [parts[0], parts[1], { type: 'text', text: 'say: Both.' }] });
    await app.delete(`/api/v2/threads/${threadId}`).expect(204);
    const statuses = await Promise.all(ids.map(async (id) => (await download(id)).status));
    expect(statuses).toEqual([404, 200, 200]);
    await app.delete(`/api/v2/attachments/${ids[2] ?? ''}`).expect(204);
    expect(await refusal(app.delete(`/api/v2/attachments/${ids[2] ?? ''}`))).toMatchObject({ code: 'not_found' });
    const files = readdirSync(join(app.scratch.dataDir, 'attachments'));
    expect(ids.map((id) => files.includes(id))).toEqual([false, true, false]);
    expect(readFileSync(fileOf(ids[1] ?? ''), 'utf8')).toBe('2');
  });
});
