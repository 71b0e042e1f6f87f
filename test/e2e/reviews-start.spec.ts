import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

interface Review extends Json {
  review_id: string;
  thread_id: string;
  turn: Json;
}

describe('a review', () => {
  let app: App;
  let sha: string;

  beforeAll(async () => {
    app = await App.start();
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], {
        cwd: app.scratch.workspace,
        encoding: 'utf8',
      });
    git('init', '--quiet', '--initial-branch=main');
    writeFileSync(join(app.scratch.workspace, 'sum.js'), 'export const sum = (a, b) => a + b;\n');
    git('add', '.');
    git('commit', '--quiet', '-m', 'Sum');
    sha = git('rev-parse', 'HEAD').trim();
    writeFileSync(join(app.scratch.workspace, 'sum.js'), 'export const sum = (a, b) => a - b;\n');
  });

  afterAll(async () => {
    await app.stop();
  });

  async function start(path: string, body: object): Promise<{ review: Review; location: string | undefined }> {
    const answer = await app.post(path, body).expect(202);
    return { review: answer.body as Review, location: answer.headers.location };
  }

  /** Follows the review of a thread to its end, from the first event on. */
  async function ended(review: Review): Promise<{ turn: Json & { items: Json[] }; names: string[] }> {
    const stream = await app.stream(review.thread_id, '?after=0');
    await stream.turnEnd(review.review_id);
    stream.close();
    const answer = await app.get(`/api/v2/threads/${review.thread_id}/turns/${review.review_id}`).expect(200);
    return { turn: answer.body as Json & { items: Json[] }, names: stream.names };
  }

  const asked = (): string => JSON.stringify(app.model.requests.at(-1)?.body);

  it('is one at a time in a thread, however many ask at once', async () => {
    const path = `/api/v2/threads/${await app.createThread()}/reviews`;
    const target = { type: 'custom', instructions: 'say: well' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.post(path, { target })));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([202, ...Array.from({ length: 19 }, () => 409)]);
    const accepted = answers.find(({ status }) => status === 202);
    expect((await ended(accepted?.body as Review)).turn.status).toBe('completed');
  });

  it.each<[string, () => Json, () => string]>([
    ['the changes that are not committed', () => ({ type: 'uncommitted_changes' }), () => 'uncommitted|untracked'],
    ['the changes against a branch', () => ({ type: 'base_branch', branch: 'main' }), () => 'main'],
    ['a commit', () => ({ type: 'commit', sha, title: 'Sum' }), () => sha],
    [
      'what it is told',
      () => ({ type: 'custom', instructions: 'Look at sum.js alone.' }),
      () => 'Look at sum.js alone',
    ],
  ])('of %s is a turn of the thread, whose result is its last item but the message', async (_, target, words) => {
    const threadId = await app.createThread();
    const { review, location } = await start(`/api/v2/threads/${threadId}/reviews`, { target: target() });
    expect(review).toMatchObject({ thread_id: threadId, turn: { turn_id: review.review_id, thread_id: threadId } });
    expect(location).toBe(`/api/v2/threads/${threadId}/turns/${review.review_id}`);

    const { turn, names } = await ended(review);
    expect(asked()).toMatch(new RegExp(words()));
    expect(turn).toMatchObject({ turn_id: review.review_id, status: 'completed' });
    const types = turn.items.map(({ type }) => type);
    expect(types).toContain('entered_review_mode');
    const exited = turn.items.find(({ type }) => type === 'exited_review_mode');
    expect(exited).toMatchObject({ review: expect.any(String) as string });
    expect(names.filter((name) => name === 'turn/started')).toHaveLength(1);
    expect(names.filter((name) => name === 'turn/completed')).toHaveLength(1);
    const after = await app.get(`/api/v2/threads/${threadId}`).expect(200);
    expect(after.body).toMatchObject({ status: 'idle', active_turn_id: null });
  });

  it('is started under its old name too', async () => {
    const threadId = await app.createThread();
    const { review } = await start(`/api/v2/threads/${threadId}/review`, { target: { type: 'uncommitted_changes' } });
    expect((await ended(review)).turn.status).toBe('completed');
  });

  it('in a thread of its own, in a folder of the workspace', async () => {
    const cwd = join(app.scratch.workspace, 'sub');
    mkdirSync(cwd);
    const { review, location } = await start('/api/v2/reviews', { target: { type: 'uncommitted_changes' }, cwd });
    expect(location).toBe(`/api/v2/threads/${review.thread_id}/turns/${review.review_id}`);
    expect((await ended(review)).turn.status).toBe('completed');
    expect((await app.get(`/api/v2/threads/${review.thread_id}`).expect(200)).body).toMatchObject({ cwd });
  });

  it('is refused while a turn runs; the thread goes on afterwards', async () => {
    const threadId = await app.createThread();
    const { turn_id: turnId } = await app.submit(threadId, 'gate: busy\nsay: Done.');
    await app.model.reached('busy');
    const body = { target: { type: 'uncommitted_changes' } };
    const busy = await refusal(app.post(`/api/v2/threads/${threadId}/reviews`, body));
    expect(busy).toMatchObject({ status: 409, code: 'turn_in_progress' });
    const stream = await app.stream(threadId, '?after=0');
    app.model.release('busy');
    await stream.turnEnd(turnId);
    stream.close();
    const { review } = await start(`/api/v2/threads/${threadId}/reviews`, body);
    expect((await ended(review)).turn.status).toBe('completed');
  });

  it('is interrupted like any turn, and the thread can be used again', async () => {
    const threadId = await app.createThread();
    const target = { type: 'custom', instructions: 'gate: reviewing\nsay: Never said.' };
    const { review } = await start(`/api/v2/threads/${threadId}/reviews`, { target });
    await app.model.reached('reviewing');
    await app.post(`/api/v2/threads/${threadId}/turns/interrupt`).expect(200);
    expect((await ended(review)).turn.status).toBe('interrupted');
    app.model.release('reviewing');
    expect((await app.runTurn(threadId, 'say: Still here.')).status).toBe('completed');
  });

  it.each<[string, Json, string[]]>([
    ['no target', {}, ['target']],
    ['a target that is no object', { target: 'uncommitted_changes' }, ['target']],
    ['a list of targets', { target: [{ type: 'uncommitted_changes' }] }, ['target']],
    ['an unknown target', { target: { type: 'everything' } }, ['target.type']],
    ['no branch', { target: { type: 'base_branch' } }, ['target.branch']],
    ['no commit', { target: { type: 'commit' } }, ['target.sha']],
    ['no instructions', { target: { type: 'custom' } }, ['target.instructions']],
    ['an unknown field', { target: { type: 'uncommitted_changes' }, delivery: 'inline' }, ['delivery']],
  ])('with %s is refused', async (_, body, paths) => {
    const threadId = await app.createThread();
    for (const path of [`/api/v2/threads/${threadId}/reviews`, '/api/v2/reviews']) {
      expect(await refusal(app.post(path, body))).toEqual({ status: 400, code: 'invalid_request', paths });
    }
  });

  it('is not started in a thread that is not there, or outside the workspace', async () => {
    const target = { type: 'uncommitted_changes' };
    const nowhere = '/api/v2/threads/01999999-0000-7000-8000-000000000000/reviews';
    expect(await refusal(app.post(nowhere, { target }))).toMatchObject({ status: 404, code: 'thread_not_found' });
    const outside = app.post('/api/v2/reviews', { target, cwd: '/etc' });
    expect(await refusal(outside)).toMatchObject({ status: 403, code: 'forbidden', paths: ['cwd'] });
  });
});
