import { type DeliveryOutcome } from '../../../../src/core/feedback/feedback-delivery.js';
import { feedback } from '../../../contract/document-builders.js';
import { DispatchBench, settled } from './dispatch-bench.js';

const DELIVERED: DeliveryOutcome = { type: 'delivered', waitMs: null };
const UNREACHABLE: DeliveryOutcome = { type: 'postponed', waitMs: null, reason: 'unreachable' };

describe('FeedbackDispatcher', () => {
  let bench: DispatchBench;

  beforeEach(() => {
    bench = new DispatchBench();
  });

  afterEach(async () => {
    await bench.dispatcher.stop();
  });

  it('sends at once what is new, and says when it arrived', async () => {
    const record = feedback();
    bench.delivery.outcomes.push(DELIVERED);
    await bench.add(record);
    const deliveredAt = new Date(bench.times.now).toISOString();
    expect(bench.outbox.find(record.feedbackId)).toEqual({ ...record, status: 'delivered', attempts: 1, deliveredAt });
    expect(bench.times.delays).toEqual([]);
  });

  it('tries again after 1 s, 2 s, 4 s … and never less often than every 15 minutes', async () => {
    const record = feedback();
    bench.delivery.outcomes.push(...Array.from({ length: 13 }, () => UNREACHABLE), DELIVERED);
    await bench.add(record);
    const delaysMs: number[] = [];
    while (bench.outbox.find(record.feedbackId)?.status === 'pending') {
      const [delayMs = 0] = bench.times.delays;
      delaysMs.push(delayMs);
      await bench.times.advance(delayMs);
    }
    const seconds = delaysMs.map((ms) => ms / 1000);
    expect(seconds).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    expect(bench.outbox.find(record.feedbackId)).toMatchObject({ attempts: 14, lastError: null });
  });

  it('says why it is still waiting, and until when', async () => {
    const record = feedback();
    bench.delivery.outcomes.push(UNREACHABLE);
    await bench.add(record);
    expect(bench.outbox.find(record.feedbackId)).toEqual({
      ...record,
      attempts: 1,
      lastError: 'unreachable',
      nextAttemptAtMs: bench.times.now + 1000,
    });
  });

  it('sends nothing at all for as long as the other side asked', async () => {
    bench.delivery.outcomes.push({ type: 'postponed', waitMs: 7000, reason: '429' }, DELIVERED, DELIVERED);
    const [first, second] = [feedback(), feedback()];
    await bench.add(first);
    await bench.add(second);
    expect(bench.delivery.attempts.map(({ id }) => id)).toEqual([first.feedbackId]);
    await bench.times.advance(6999);
    expect(bench.delivery.attempts).toHaveLength(1);
    await bench.times.advance(1);
    expect(bench.delivery.attempts).toHaveLength(3);
  });

  it('also waits where a delivery was accepted together with a limit', async () => {
    bench.delivery.outcomes.push({ type: 'delivered', waitMs: 5000 }, DELIVERED);
    await bench.add(feedback());
    await bench.add(feedback());
    expect(bench.delivery.attempts).toHaveLength(1);
    await bench.times.advance(5000);
    expect(bench.delivery.attempts).toHaveLength(2);
  });

  it('waits in parts for what a timer can not hold', async () => {
    const waitMs = 30 * 24 * 60 * 60_000;
    bench.delivery.outcomes.push({ type: 'postponed', waitMs, reason: '429' }, DELIVERED);
    await bench.add(feedback());
    expect(bench.times.delays).toEqual([60 * 60_000]);
    await bench.times.advance(60 * 60_000);
    expect(bench.delivery.attempts).toHaveLength(1);
    await bench.times.advance(waitMs);
    expect(bench.delivery.attempts).toHaveLength(2);
  });

  it('does not let one that fails again and again hold up the others', async () => {
    bench.delivery.outcomes.push(UNREACHABLE, DELIVERED);
    await bench.add(feedback());
    const second = feedback();
    await bench.add(second);
    expect(bench.outbox.find(second.feedbackId)?.status).toBe('delivered');
  });

  it('never tries again what was refused for good', async () => {
    const record = feedback();
    bench.delivery.outcomes.push({ type: 'refused', reason: 'Sentry answered 403.' });
    await bench.add(record);
    expect(bench.outbox.find(record.feedbackId)).toMatchObject({
      status: 'failed',
      attempts: 1,
      lastError: 'Sentry answered 403.',
      nextAttemptAtMs: null,
    });
    expect(bench.times.delays).toEqual([]);
  });

  it('goes on after a restart, when the time has come that was set before it', async () => {
    const record = feedback();
    bench.delivery.outcomes.push(UNREACHABLE);
    await bench.add(record);
    await bench.dispatcher.stop();
    const next = new DispatchBench(bench.outbox, { times: bench.times });
    next.delivery.outcomes.push(DELIVERED);
    await next.dispatcher.start();
    await next.times.advance(999);
    expect(next.delivery.attempts).toEqual([]);
    await next.times.advance(1);
    expect(next.outbox.find(record.feedbackId)).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('leaves what it breaks off for the next start', async () => {
    const record = feedback();
    await bench.add(record);
    expect(bench.delivery.attempts).toHaveLength(1);
    await bench.dispatcher.stop();
    expect(bench.outbox.find(record.feedbackId)).toEqual(record);
    bench.dispatcher.add(feedback());
    await settled();
    expect(bench.delivery.attempts).toHaveLength(1);
  });

  it('sends what was stored while there was nowhere to send it to, once there is', async () => {
    const nowhere = new DispatchBench(bench.outbox, { canDeliver: false });
    const waiting = feedback();
    await bench.outbox.put(waiting);
    await nowhere.dispatcher.start();
    expect(bench.outbox.find(waiting.feedbackId)?.status).toBe('stored');
    expect(nowhere.delivery.attempts).toEqual([]);
    bench.delivery.outcomes.push(DELIVERED);
    await bench.dispatcher.start();
    await settled();
    expect(bench.outbox.find(waiting.feedbackId)?.status).toBe('delivered');
  });

  it('tries again when the outbox can not be written', async () => {
    const record = feedback();
    bench.delivery.outcomes.push(DELIVERED, DELIVERED);
    await bench.outbox.put(record);
    bench.outbox.failures = 1;
    bench.dispatcher.add(record);
    await settled();
    expect(bench.outbox.find(record.feedbackId)).toEqual(record);
    expect(bench.logged).toEqual(['error: An attempt to send feedback went wrong; it is made again.']);
    await bench.times.advance(5000);
    expect(bench.outbox.find(record.feedbackId)).toMatchObject({ status: 'delivered' });
  });

  it('sends the events along that were there when it was given, and only where that was asked for', async () => {
    bench.eventLog.events = Array.from({ length: 1200 }, (_, index) => ({
      threadId: 'thread_1',
      seq: index + 1,
      globalSeq: index + 1,
      turnId: null,
      name: 'thread/status/changed',
      data: '{}',
      emittedAtMs: 0,
    }));
    bench.delivery.outcomes.push(DELIVERED, DELIVERED, DELIVERED);
    await bench.add(feedback({ threadId: 'thread_1', includeLogs: true, lastSeq: 1150 }));
    await bench.add(feedback({ threadId: 'thread_1', lastSeq: 1150 }));
    await bench.add(feedback({ includeLogs: true }));
    const logs = bench.delivery.attempts.map(({ log }) => log);
    const seqs = logs[0]!
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect(seqs).toEqual(Array.from({ length: 1000 }, (_, index) => index + 151));
    expect(logs.slice(1)).toEqual([null, null]);
  });
});
