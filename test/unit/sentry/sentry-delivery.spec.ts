import { SentryDelivery } from '../../../src/sentry/sentry-delivery.js';
import { feedback } from '../../contract/document-builders.js';
import { findFreePort, SentryServer, toDsn } from '../../support/sentry-server.js';

describe('SentryDelivery', () => {
  let sentry: SentryServer;
  let delivery: SentryDelivery;
  const { signal } = new AbortController();

  beforeAll(async () => {
    sentry = await SentryServer.start();
    delivery = new SentryDelivery({ dsn: sentry.dsn, version: '1.2.3' });
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
    const [{ path, auth, header, items }] = [await sentry.envelope(1)];
    const eventId = record.feedbackId.replaceAll('-', '');
    const sdk = { name: 'codex-web-server', version: '1.2.3' };
    expect([path, auth]).toEqual([
      '/api/42/envelope/',
      'Sentry sentry_version=7, sentry_client=codex-web-server/1.2.3, sentry_key=key',
    ]);
    expect(header).toEqual({ event_id: eventId, sent_at: expect.stringMatching(/^\d{4}-.*Z$/) as string, sdk });
    expect(items.map((item) => item.header)).toEqual([
      { type: 'feedback', length: Buffer.byteLength(items[0]!.payload) },
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
      sdk,
      contexts: { feedback: { message: 'It forgot the tests.', source: 'codex-web-server' } },
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
    const nobody = new SentryDelivery({ dsn: toDsn(await findFreePort()), version: '1.2.3' });
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

  it('sends a large log packed, and every character of it', async () => {
    const log = `${JSON.stringify({ text: 'größer – 大'.repeat(10_000) })}\n`;
    await delivery.deliver(record, log, signal);
    const { items, encoding } = await sentry.envelope(1);
    expect([items[1]?.payload, encoding]).toEqual([log, 'gzip']);
    expect(items[1]?.header.length).toBe(Buffer.byteLength(log));
  });

  it.each([
    ['HTTP_PROXY', ''],
    ['http_proxy', 'other.example'],
  ])('goes through the proxy of %s, but for what NO_PROXY names', async (name, others) => {
    const env = { [name]: `http://127.0.0.1:${String(sentry.port)}`, NO_PROXY: others };
    const dsn = 'http://key@sentry.invalid/team/42';
    const proxied = new SentryDelivery({ dsn, version: '1.2.3', env });
    expect(await proxied.deliver(record, null, signal)).toEqual({ type: 'delivered', waitMs: null });
    expect((await sentry.envelope(1)).path).toBe('http://sentry.invalid/team/api/42/envelope/');
    const direct = new SentryDelivery({ dsn, version: '1.2.3', env: { ...env, NO_PROXY: 'sentry.invalid' } });
    expect(await direct.deliver(record, null, signal)).toMatchObject({ type: 'postponed' });
    expect(sentry.received).toHaveLength(1);
  });

  it('refuses a proxy that is none without repeating it', () => {
    const env = { HTTPS_PROXY: 'http://user:password@proxy.invalid:99999' };
    const make = (): SentryDelivery =>
      new SentryDelivery({ dsn: 'https://key@sentry.invalid/42', version: '1.2.3', env });
    expect(make).toThrow('HTTP_PROXY or HTTPS_PROXY is not valid');
    expect(make).not.toThrow(/password/);
  });

  it.each(['', 'nonsense', 'https://sentry.example/42', 'ftp://key@sentry.example/42', 'https://key@sentry.example/'])(
    'refuses the DSN %j without repeating it',
    (dsn) => {
      expect(() => new SentryDelivery({ dsn, version: '1.2.3' })).toThrow('SENTRY_DSN is not valid');
    },
  );
});
