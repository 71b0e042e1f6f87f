import { jest } from '@jest/globals';
import { toServiceEvent } from '../../src/core/events/catalogue.js';
import { toQuestion } from '../unit/core/approvals/approval-builders.js';
import { MemoryEvents, MemoryJournal } from '../unit/core/events/memory-events.js';
import { MemoryIdempotencyStore } from '../support/memory-idempotency-store.js';
import { PendingApprovals } from '../../src/core/approvals/pending-approvals.js';
import { EventBus } from '../../src/core/events/event-bus.js';
import { EventRecorder } from '../../src/core/events/event-recorder.js';
import { IdempotencyService } from '../../src/core/idempotency/idempotency-service.js';
import { steadyNowMs } from '../../src/core/steady-clock.js';
import { SystemClock } from '../../src/http/auth/clock.js';

const START = Date.parse('2026-05-01T12:00:00.000Z');
const YEAR_MS = 365 * 86_400_000;
const TIMEOUT_MS = 900_000;

describe("a system's clock that is set while the server runs", () => {
  let log: MemoryEvents;
  let journal: MemoryJournal;
  let recorder: EventRecorder;

  beforeEach(() => {
    // Timers run on the monotonic clock, which `advanceTimersByTime` moves; `setSystemTime` sets the other one.
    jest.useFakeTimers({ now: START, doNotFake: ['queueMicrotask', 'nextTick', 'performance'] });
    log = new MemoryEvents();
    journal = new MemoryJournal(log);
    recorder = new EventRecorder(journal, log, new EventBus());
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it.each([
    ['forward', YEAR_MS],
    ['back', -YEAR_MS],
  ])('%s: events go on with the next number, and show the time as it is now', async (_, jumpMs) => {
    const record = (): void => {
      recorder.event({ threadId: 'a', turnId: null, event: toServiceEvent('test/event', {}) });
    };
    record();
    await recorder.durable();
    jest.setSystemTime(START + jumpMs);
    record();
    await recorder.durable();
    expect(log.stored.map(({ seq, globalSeq, emittedAtMs }) => [seq, globalSeq, emittedAtMs])).toEqual([
      [1, 1, START],
      [2, 2, START + jumpMs],
    ]);
  });

  it.each([
    ['forward', YEAR_MS],
    ['back', -YEAR_MS],
  ])('%s: an approval waits for as long as it was to wait, and no longer', (_, jumpMs) => {
    const told: string[] = [];
    const pending = new PendingApprovals('thread-1', {
      recorder,
      approvals: { find: () => undefined },
      approvalTimeoutMs: TIMEOUT_MS,
      engine: {
        prepareAnswer:
          (_question, { decision }) =>
          () =>
            told.push(decision),
      },
    });
    pending.raise(toQuestion('command_execution'), 'turn-1');
    jest.setSystemTime(START + jumpMs);
    jest.advanceTimersByTime(TIMEOUT_MS - 1);
    expect(pending.pending).toHaveLength(1);
    jest.advanceTimersByTime(1);
    expect(pending.pending).toEqual([]);
    expect(told).toEqual(['decline']);
  });

  it('forward: an Idempotency-Key still answers for its 24 hours', async () => {
    const pending = new IdempotencyService(new MemoryIdempotencyStore(), steadyNowMs);
    const request = { callerId: 'caller', key: 'key', fingerprint: 'same' };
    const answer = { status: 202, headers: {}, body: '{"turn_id":"t"}' };
    const operation = await pending.begin(request);
    if (!('finish' in operation)) {
      throw new Error('The key was new.');
    }
    await operation.finish(answer);
    jest.setSystemTime(START + YEAR_MS);
    await pending.sweep();
    expect(await pending.begin(request)).toEqual(answer);
  });

  it('neither ends stream tickets, nor makes anything kept look old', () => {
    const clock = new SystemClock();
    const before = [steadyNowMs(), clock.nowMs()];
    jest.setSystemTime(START + YEAR_MS);
    const after = [steadyNowMs(), clock.nowMs()];
    jest.setSystemTime(START - YEAR_MS);
    after.push(steadyNowMs(), clock.nowMs());
    for (const nowMs of after) {
      expect(nowMs - (before[0] ?? NaN)).toBeLessThan(10_000);
      expect(nowMs).toBeGreaterThanOrEqual(before[0] ?? NaN);
    }
  });
});
