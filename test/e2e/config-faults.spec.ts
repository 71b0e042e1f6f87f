import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

let app: App;
let file: string;

beforeAll(async () => {
  app = await App.start({ args: ['--allow-config-admin'] });
  file = join(app.scratch.codexHome, 'config.toml');
});

afterAll(async () => {
  await app.stop();
});

const keyOf = (parts: number): string => Array.from({ length: parts }, () => 'a').join('.');
const nestedBy = (levels: number): Json => {
  return Array.from({ length: levels }).reduce<Json>((inner) => ({ a: inner }), { a: 1 });
};
const readiness = async (): Promise<Json> => {
  const answer = await app.get('/readyz');
  return { ...(answer.body as Json), status: answer.status };
};

describe('a key path with many parts', () => {
  const refused = { status: 400, code: 'invalid_request' };

  it('is refused before the engine hears of it, wherever it is given', async () => {
    const before = readFileSync(file);
    for (const parts of [33, 90, 10_000]) {
      const key = keyOf(parts);
      const doors = [
        app.post('/api/v2/threads', { config: { [key]: 1 } }),
        app.post('/api/v2/threads', { config: { [keyOf(20)]: nestedBy(20) } }),
        app.put('/api/v2/config', { key: key.slice(0, 499), value: 1 }),
        app.put('/api/v2/config', { key: keyOf(20), value: nestedBy(20) }),
        app.patch('/api/v2/config', { values: { [key]: 1 } }),
        app.patch('/api/v2/config', { edits: [{ key_path: key.slice(0, 499), value: 1 }] }),
        app.post('/api/thread/start', { config: { [key]: 1 } }),
      ];
      for (const door of doors) {
        const answer = await door;
        expect([door.url, answer.status]).toEqual([door.url, 400]);
        expect(answer.text.length).toBeLessThan(1000);
      }
    }
    expect(await refusal(app.post('/api/v2/threads', { config: { [keyOf(33)]: 1 } }))).toMatchObject(refused);
    expect(readFileSync(file)).toEqual(before);
  });

  it('interrupts no turn of another thread', async () => {
    const threadId = await app.createThread();
    const stream = await app.stream(threadId);
    const { turn_id: turnId } = await app.submit(threadId, 'gate: config');
    await app.model.reached('config');
    await app.post('/api/v2/threads', { config: { [keyOf(10_000)]: 1 } }).expect(400);
    app.model.release('config');
    expect(await stream.turnEnd(turnId)).toMatchObject({ status: 'completed' });
    stream.close();
  });

  it('is taken with as many as any key has', async () => {
    await app.post('/api/v2/threads', { config: { [keyOf(32)]: 1 } }).expect(201);
    await app.put('/api/v2/config', { key: keyOf(32), value: 1 }).expect(200);
    await app.put('/api/v2/config', { key: 'a', value: null }).expect(200);
  });
});

describe("a config.toml of the operator's that is at fault", () => {
  it.each([
    ['model = = 1', '1:9: extra `=`'],
    ['model_context_window = "x"', 'invalid type: string "x"'],
    ['model_verbosity = "loud"', 'unknown variant `loud`'],
    ['approval_policy = "untrusted"', 'approval_policy = "untrusted" is no longer supported'],
  ])('%s is 503 with what is wrong, not the fault of whoever creates a thread', async (line, fault) => {
    const good = readFileSync(file, 'utf8');
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: before');
    writeFileSync(file, `${line}\n${good}`);
    try {
      const answer = await app.post('/api/v2/threads', {});
      const { code, detail } = answer.body as { code: string; detail: string };
      expect([answer.status, code]).toEqual([503, 'engine_unavailable']);
      expect(detail).toContain(fault);
      expect(detail).not.toContain(app.scratch.codexHome);
      expect(await refusal(app.post(`/api/v2/threads/${threadId}/fork`, {}))).toMatchObject({ status: 503 });
      expect(await refusal(app.get('/api/v2/config'))).toMatchObject({ status: 503 });
      expect(await readiness()).toMatchObject({ status: 503 });
      await app.get(`/api/v2/threads/${threadId}/turns`).expect(200);
    } finally {
      writeFileSync(file, good);
    }
    await app.post('/api/v2/threads', {}).expect(201);
    expect(await readiness()).toMatchObject({ status: 200 });
  });

  it('is told from a value of the caller that is', async () => {
    for (const body of [
      { config: { model: 5 } },
      { model_provider: 'nope' },
      { config: { model_verbosity: 'loud' } },
    ]) {
      expect([body, await refusal(app.post('/api/v2/threads', body))]).toEqual([
        body,
        { status: 400, code: 'invalid_request', paths: [] },
      ]);
    }
    expect(await readiness()).toMatchObject({ status: 200 });
  });
});

describe('a change that the engine can not read back', () => {
  it('is undone, byte for byte, also among others at once', async () => {
    const good = readFileSync(file);
    const changes = [
      app.put('/api/v2/config', { key: 'model_provider', value: 'nope' }),
      app.put('/api/v2/config', { key: 'tui.notifications', value: true }),
      app.put('/api/v2/config', { key: 'model_provider', value: 'none' }),
    ];
    const answers = await Promise.all(changes);
    expect(answers.map(({ status }) => status)).toEqual([422, 200, 422]);
    expect((answers[0]?.body as Json).detail).toBe(
      'The engine could not read its configuration with this in it, so it was undone: Model provider `nope` not found.',
    );
    const read = (await app.get('/api/v2/config').expect(200)).body as { config: Json };
    expect(read.config.tui).toMatchObject({ notifications: true });
    await app.put('/api/v2/config', { key: 'tui', value: null }).expect(200);
    expect(readFileSync(file)).toEqual(good);
    await app.post('/api/v2/threads', {}).expect(201);
    expect(await readiness()).toMatchObject({ status: 200 });
  });
});
