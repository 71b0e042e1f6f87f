import { findFreePort, SentryServer, toDsn } from '../support/sentry-server.js';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

const PATH = '/api/v2/feedback';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

describe('feedback', () => {
  let app: App;
  let threadId: string;
  const env: Record<string, string> = {};

  beforeAll(async () => {
    app = await App.start({ env });
    threadId = await app.createThread();
    await app.runTurn(threadId, 'run: echo private > made.txt; sleep 0.1\nsay: A private answer.');
  });

  afterAll(async () => {
    await app.stop();
  });

  async function give(body: object): Promise<Json & { feedback_id: string }> {
    const answer = await app.post(PATH, body).expect(201);
    const receipt = answer.body as Json & { feedback_id: string };
    expect(answer.headers.location).toBe(`${PATH}/${receipt.feedback_id}`);
    return receipt;
  }

  async function find(feedbackId: string): Promise<Json> {
    return (await app.get(`${PATH}/${feedbackId}`).expect(200)).body as Json;
  }

  async function until(feedbackId: string, isMet: (feedback: Json) => boolean): Promise<Json> {
    for (;;) {
      const feedback = await find(feedbackId);
      if (isMet(feedback)) {
        return feedback;
      }
    }
  }

  const hasStatus =
    (status: string) =>
    (feedback: Json): boolean =>
      feedback.status === status;

  async function restart(dsn?: string): Promise<void> {
    await app.server.signal(dsn === undefined ? 'SIGTERM' : 'SIGKILL');
    if (dsn !== undefined) {
      env.SENTRY_DSN = dsn;
    }
    await app.restart();
  }

  let stored: string;

  it('is stored where there is nowhere to send it to', async () => {
    const receipt = await give({ classification: 'good_result' });
    expect(receipt).toEqual({ feedback_id: receipt.feedback_id, thread_id: null });
    stored = receipt.feedback_id;
    expect(await find(stored)).toEqual({
      feedback_id: stored,
      thread_id: null,
      classification: 'good_result',
      reason: null,
      include_logs: false,
      created_at: expect.stringMatching(/Z$/) as string,
      status: 'stored',
      attempts: 0,
      last_error: null,
      next_attempt_at: null,
      delivered_at: null,
    });
  });

  it.each([
    ['no classification', {}, ['classification']],
    ['another classification', { classification: 'praise' }, ['classification']],
    ['too many words', { classification: 'bug', reason: 'x'.repeat(4001) }, ['reason']],
    ['other types', { classification: 'bug', thread_id: 1, include_logs: 'yes' }, ['include_logs', 'thread_id']],
    ['an unknown key', { classification: 'bug', rating: 5 }, ['rating']],
  ])('is refused with %s', async (_name, body, paths) => {
    expect(await refusal(app.post(PATH, body))).toEqual({ status: 400, code: 'invalid_request', paths });
  });

  it('is refused about a thread that is not there', async () => {
    const code = 'thread_not_found';
    const body = { classification: 'bug', thread_id: UNKNOWN };
    expect(await refusal(app.post(PATH, body))).toEqual({ status: 404, code, paths: [] });
    expect(await refusal(app.get(`${PATH}/${UNKNOWN}`))).toEqual({ status: 404, code: 'not_found', paths: [] });
  });

  it('is listed in pages, newest first', async () => {
    const ids = [stored];
    for (const reason of ['one', 'two']) {
      ids.unshift((await give({ classification: 'other', reason, thread_id: threadId })).feedback_id);
    }
    const first = (await app.get(`${PATH}?limit=2`).expect(200)).body as { data: Json[]; next_cursor: string };
    const rest = (await app.get(`${PATH}?cursor=${first.next_cursor}`).expect(200)).body as typeof first;
    expect([...first.data, ...rest.data].map((feedback) => feedback.feedback_id)).toEqual(ids);
    expect([first.data.length, rest.next_cursor]).toEqual([2, null]);
    expect(await refusal(app.get(`${PATH}?cursor=x`))).toMatchObject({ status: 400 });
  });

  it('arrives in the end: sent by a later start, with nobody there, with a 429 and with a restart in between', async () => {
    const port = await findFreePort();
    await restart(toDsn(port));
    const body = { classification: 'bug', reason: 'Broken: ünïcode', thread_id: threadId, include_logs: true };
    const { feedback_id: id } = await give(body);
    const failed = await until(id, ({ attempts }) => attempts === 1);
    expect(failed).toMatchObject({
      status: 'pending',
      last_error: 'Sentry could not be reached (ECONNREFUSED).',
      next_attempt_at: expect.stringMatching(/Z$/) as string,
    });

    const sentry = await SentryServer.start(port);
    sentry.replies.push({ status: 429, headers: { 'Retry-After': '1' } });
    await sentry.envelope(1);
    await restart();
    await sentry.envelope(3);
    const delivered = await until(id, hasStatus('delivered'));
    expect(delivered).toMatchObject({ last_error: null, next_attempt_at: null });
    expect(await until(stored, hasStatus('delivered'))).toMatchObject({ classification: 'good_result' });

    const eventId = id.replaceAll('-', '');
    const accepted = sentry.received.slice(1).filter(({ header }) => header.event_id === eventId);
    await sentry.stop();
    expect(accepted).toHaveLength(1);
    const [item, log] = accepted[0]!.items;
    expect(JSON.parse(item!.payload)).toMatchObject({
      contexts: { feedback: { message: 'Broken: ünïcode' } },
      tags: { classification: 'bug', feedback_id: id, thread_id: threadId },
    });
    const events = log!.payload
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
    expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(['turn/started', 'turn/completed']));
    expect(log!.payload).not.toMatch(/private|echo|made\.txt|workspace/);
  });

  it('does not come again when it was refused for good', async () => {
    const sentry = await SentryServer.start();
    sentry.replies.push({ status: 403 });
    await restart(sentry.dsn);
    const { feedback_id: id } = await give({ classification: 'bug' });
    await sentry.envelope(1);
    expect(await until(id, hasStatus('failed'))).toMatchObject({ attempts: 1, last_error: 'Sentry answered 403.' });
    await sentry.stop();
  });

  it('keeps the server from starting with a DSN that is none', async () => {
    await app.terminate();
    env.SENTRY_DSN = 'https://sentry.example/42';
    await expect(app.restart()).rejects.toThrow('SENTRY_DSN is not valid');
  });
});
