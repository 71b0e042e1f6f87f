import { getClient } from '@sentry/node';
import { SentryDelivery } from '../../../src/sentry/sentry-delivery.js';
import { feedback } from '../../contract/document-builders.js';
import { findFreePort, SentryServer, toDsn } from '../../support/sentry-server.js';

describe('SentryDelivery', () => {
  let sentry: SentryServer;
  let delivery: SentryDelivery;
  const { signal } = new AbortController();

  beforeAll(async () => {
    sentry = await SentryServer.start();
    delivery = new SentryDelivery(sentry.dsn, '1.2.3');
  });

  beforeEach(() => {
    sentry.received.length = 0;
  });

  afterAll(async () => {
    await sentry.stop();
  });

  const record = feedback({
    feedbackId: '0f0e0d0c-0b0a-4908-8706-050403020100',
    classification: 'bad_result',
    reason: 'It forgot the tests.',
    threadId: 'thread_1',
  });

  it('sends the words, the ids and the log, and nothing of this process', async () => {
    expect(await delivery.deliver(record, '{"seq":1}\n', signal)).toEqual({ type: 'delivered', waitMs: null });
    const [{ path, header, items }] = [await sentry.envelope(1)];
    const eventId = record.feedbackId.replaceAll('-', '');
    expect(path).toMatch(/^\/api\/42\/envelope\/\?/);
    expect(header).toMatchObject({ event_id: eventId });
    expect(items.map((item) => item.header)).toEqual([
      { type: 'feedback' },
      { type: 'attachment', length: 10, filename: 'events.jsonl', content_type: 'application/jsonl' },
    ]);
    expect(items[1]?.payload).toBe('{"seq":1}\n');
    expect(JSON.parse(items[0]!.payload)).toEqual({
      type: 'feedback',
      level: 'info',
      event_id: eventId,
      timestamp: Date.parse(record.createdAt) / 1000,
      platform: 'node',
      environment: 'production',
      release: 'codex-web-server@1.2.3',
      sdk: expect.objectContaining({ name: 'sentry.javascript.node' }) as object,
      contexts: {
        feedback: { message: 'It forgot the tests.', source: 'codex-web-server' },
        runtime: { name: 'node', version: process.version },
        trace: expect.any(Object) as object,
      },
      tags: { classification: 'bad_result', feedback_id: record.feedbackId, thread_id: 'thread_1' },
    });
  });

  it('says something where a reason was not given, since Sentry wants a message', async () => {
    await delivery.deliver(feedback(), null, signal);
    const { items } = await sentry.envelope(1);
    expect(items).toHaveLength(1);
    expect(JSON.parse(items[0]!.payload)).toMatchObject({
      contexts: { feedback: { message: '(bug, without a reason)' } },
    });
  });

  it('tells each answer as it is, and drops nothing itself after a rate limit', async () => {
    sentry.replies.push({ status: 429, headers: { 'retry-after': '60' } }, { status: 503 }, { status: 400 });
    const outcomes = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      outcomes.push(await delivery.deliver(record, null, signal));
    }
    expect(outcomes).toEqual([
      { type: 'postponed', waitMs: 60_000, reason: 'Sentry answered 429.' },
      { type: 'postponed', waitMs: null, reason: 'Sentry answered 503.' },
      { type: 'refused', reason: 'Sentry answered 400.' },
      { type: 'delivered', waitMs: null },
    ]);
    expect(sentry.received).toHaveLength(4);
  });

  it('says that nobody is there, without the address', async () => {
    const nobody = new SentryDelivery(toDsn(await findFreePort()), '1.2.3');
    expect(await nobody.deliver(record, null, signal)).toEqual({
      type: 'postponed',
      waitMs: null,
      reason: 'Sentry could not be reached (ECONNREFUSED).',
    });
  });

  it('is broken off while the other side says nothing', async () => {
    const stop = new AbortController();
    sentry.replies.push('hang');
    const outcome = delivery.deliver(record, null, stop.signal);
    await sentry.envelope(1);
    stop.abort();
    expect(await outcome).toMatchObject({ type: 'postponed' });
    expect(await delivery.deliver(record, null, stop.signal)).toMatchObject({ type: 'postponed' });
    expect(sentry.received).toHaveLength(1);
  });

  it('is no client for the rest of the process', () => {
    expect(getClient()).toBeUndefined();
  });

  it.each(['', 'nonsense', 'https://sentry.example/42', 'ftp://key@sentry.example/42', 'https://key@sentry.example/'])(
    'refuses the DSN %j without repeating it',
    (dsn) => {
      expect(() => new SentryDelivery(dsn, '1.2.3')).toThrow('SENTRY_DSN is not valid');
    },
  );
});
