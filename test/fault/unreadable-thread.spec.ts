import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { RawEngine } from '../support/raw-engine.js';
import { refusal } from '../support/refusal.js';
import { cutShort, DAMAGES, rolloutOf } from '../support/rollouts.js';
import { App, type Json } from '../support/start-app.js';

const UNREADABLE = { status: 422, code: 'thread_unreadable', paths: [] };
/** Of these a thread that was made here does not go on either. */
const OWN = ['is a folder', 'is missing', 'is garbage'];
const TURN = { input: [{ type: 'text', text: 'say: On.' }] };

describe('a thread whose rollout', () => {
  let app: App;
  /** Made by another client. */
  const foreign = new Map<string, string>();
  /** Made here. */
  const own = new Map<string, string>();
  let cutId: string;

  const names = Object.keys(DAMAGES);
  const listed = async (query = ''): Promise<unknown[]> =>
    ((await app.get(`/api/v2/threads?limit=100${query}`).expect(200)).body as { data: Json[] }).data.map(
      (thread) => thread.thread_id,
    );
  const idOf = (ids: Map<string, string>, name: string): string => ids.get(name) ?? '';

  beforeAll(async () => {
    app = await App.start();
    await Promise.all(
      OWN.map(async (name) => {
        const threadId = await app.createThread();
        await app.runTurn(threadId, 'say: One.');
        own.set(name, threadId);
      }),
    );
    await app.terminate();
    const other = await RawEngine.start(app.scratch);
    const make = async (): Promise<string> => {
      const threadId = await other.createThread();
      await other.runTurn(threadId, 'say: One.');
      await other.runTurn(threadId, 'say: Two.');
      return threadId;
    };
    await Promise.all(names.map(async (name) => foreign.set(name, await make())));
    cutId = await make();
    await other.stop();
    // The server has seen them all when they break.
    await app.restart();
    // By which the engine has read that one to its end, and sees later that it has become shorter.
    await app.get(`/api/v2/threads/${cutId}/turns`).expect(200);
    await app.terminate();
    for (const [name, damage] of Object.entries(DAMAGES)) {
      damage(rolloutOf(app.scratch, idOf(foreign, name)));
      if (own.has(name)) {
        damage(rolloutOf(app.scratch, idOf(own, name)));
      }
    }
    cutShort(rolloutOf(app.scratch, cutId));
    await app.restart();
  });

  afterAll(async () => {
    await app.stop();
  });

  describe.each(names)('%s, of another client', (name) => {
    const path = (): string => `/api/v2/threads/${idOf(foreign, name)}`;

    it('is listed and shown', async () => {
      expect(await listed()).toContain(idOf(foreign, name));
      expect((await app.get(path()).expect(200)).body).toMatchObject({ thread_id: idOf(foreign, name) });
    });

    it.each([
      ['get', '/turns', {}],
      ['get', '/items', {}],
      ['get', '/turns/some', {}],
      ['get', '/turns?status=completed', {}],
      ['post', '/resume', {}],
      ['post', '/fork', {}],
      ['post', '/turns', TURN],
      ['post', '/review', { target: { type: 'uncommitted_changes' } }],
      ['post', '/compact', {}],
      ['post', '/rollback', { num_turns: 1 }],
    ] as const)('refuses %s %s', async (method, more, body) => {
      const answer = method === 'get' ? app.get(path() + more) : app.post(path() + more, body);
      expect(await refusal(answer)).toEqual(UNREADABLE);
    });

    it('says what can be done, and nothing of the host', async () => {
      const { detail } = (await app.get(`${path()}/turns`)).body as { detail: string };
      expect(detail).toContain('delete the thread');
      expect(detail).not.toContain(app.scratch.root);
      expect(detail).not.toContain('[path]');
    });

    it('is refused by the dialects in their own words', async () => {
      const threadId = idOf(foreign, name);
      const answers = [
        await app.post('/api/thread/read', { threadId, includeTurns: true }),
        await app.post('/api/thread/resume', { threadId }),
        await app.post('/api/turn/start', { threadId, input: [{ type: 'text', text: 'say: On.' }] }),
        await app.post('/messages', { type: 'user_edit', id: threadId, message: 'say: On.' }),
      ];
      expect(answers.map(({ status, body }) => [status, (body as Json).code])).toEqual(
        answers.map(() => [422, 'thread_unreadable']),
      );
    });

    it('can be archived and taken back', async () => {
      await app.post(`${path()}/archive`).expect(200);
      expect(await listed()).not.toContain(idOf(foreign, name));
      expect(await listed('&archived=true')).toContain(idOf(foreign, name));
      await app.post(`${path()}/unarchive`).expect(200);
      expect(await listed()).toContain(idOf(foreign, name));
    });
  });

  it.each(OWN)('%s, of this server, shows the turns that are kept here, and takes no more', async (name) => {
    const path = `/api/v2/threads/${idOf(own, name)}`;
    const { data } = (await app.get(`${path}/turns`).expect(200)).body as { data: Json[] };
    expect(data).toMatchObject([{ status: 'completed' }]);
    expect(await refusal(app.post(`${path}/resume`))).toEqual(UNREADABLE);
    expect(await refusal(app.post(`${path}/turns`, TURN))).toEqual(UNREADABLE);
    expect(await refusal(app.post(`${path}/fork`))).toEqual(UNREADABLE);
  });

  it('is cut in its second half can be read but not forked or rolled back', async () => {
    const path = `/api/v2/threads/${cutId}`;
    const { data } = (await app.get(`${path}/turns`).expect(200)).body as { data: Json[] };
    expect(data).toHaveLength(2);
    expect(await refusal(app.post(`${path}/fork`))).toEqual(UNREADABLE);
    expect(await refusal(app.post(`${path}/rollback`, { num_turns: 1 }))).toEqual(UNREADABLE);
    expect(await app.runTurn(cutId, 'say: On.')).toMatchObject({ status: 'completed' });
  });

  it('is not readable can be deleted, for good', async () => {
    const archived = idOf(foreign, 'is missing');
    await app.post(`/api/v2/threads/${archived}/archive`).expect(200);
    const threads = [...foreign.values(), ...own.values(), cutId];
    const folder = dirname(rolloutOf(app.scratch, cutId));
    for (const threadId of threads) {
      await app.delete(`/api/v2/threads/${threadId}`).expect(204);
    }
    expect(await listed()).toEqual([]);
    await app.terminate();
    await app.restart();
    expect([await listed(), await listed('&archived=true')]).toEqual([[], []]);
    // Nobody else's folder is deleted.
    const left = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => name.endsWith('notes.txt'))).toHaveLength(2);
    expect(left.filter((name) => name.endsWith('.jsonl'))).toEqual([]);
  });
});
