import { toServiceEvent } from '../../../../src/core/events/catalogue.js';
import { type ApprovalAnswer } from '../../../../src/core/approvals/approval-answer.js';
import { PendingApprovals } from '../../../../src/core/approvals/pending-approvals.js';
import { type ApprovalRecord } from '../../../../src/core/approvals/approval.js';
import { type EngineQuestion } from '../../../../src/core/engine/engine.js';
import { ServiceError } from '../../../../src/core/errors.js';
import { EventBus } from '../../../../src/core/events/event-bus.js';
import { EventLog } from '../../../../src/core/events/event-log.js';
import { EventRecorder } from '../../../../src/core/events/event-recorder.js';
import { Journal, type JournalEntry } from '../../../../src/core/events/journal.js';
import { type StoredEvent } from '../../../../src/core/events/event.js';
import { toQuestion } from './approval-builders.js';

const { jest } = import.meta;
const TIMEOUT_MS = 60_000;

class MemoryLog extends EventLog {
  override read(): Promise<StoredEvent[]> {
    return Promise.resolve([]);
  }

  override bounds(): { earliestSeq: number; latestSeq: number } {
    return { earliestSeq: 1, latestSeq: 0 };
  }
}

/** Keeps what is written; a write waits while `gate` is set, and fails while `failure` is. */
class MemoryJournal extends Journal {
  readonly entries: JournalEntry[] = [];
  gate: Promise<void> | undefined;
  failure: ServiceError | undefined;

  override async write(entry: JournalEntry): Promise<void> {
    await this.gate;
    if (this.failure) {
      throw this.failure;
    }
    this.entries.push(entry);
  }

  get approvals(): Map<string, ApprovalRecord> {
    const all = this.entries.flatMap(({ approvals }) => approvals);
    return new Map(all.map((approval) => [approval.approvalId, approval]));
  }

  get eventNames(): string[] {
    return this.entries.flatMap(({ events }) => events.map(({ name }) => name));
  }
}

describe('PendingApprovals', () => {
  let journal: MemoryJournal;
  let recorder: EventRecorder;
  let pending: PendingApprovals;
  /** What the engine was told, by question. */
  let told: [ref: string, answer: ApprovalAnswer][];
  let refusal: ServiceError | undefined;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
    journal = new MemoryJournal();
    recorder = new EventRecorder(journal, new MemoryLog(), new EventBus());
    told = [];
    refusal = undefined;
    const prepareAnswer = (question: EngineQuestion, answer: ApprovalAnswer): (() => void) => {
      if (refusal) {
        throw refusal;
      }
      return () => told.push([question.ref, answer]);
    };
    const approvals = { find: (id: string) => journal.approvals.get(id) };
    pending = new PendingApprovals('thread-1', {
      recorder,
      approvals,
      approvalTimeoutMs: TIMEOUT_MS,
      engine: { prepareAnswer },
    });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const raise = (ref: string, turnId: string | null = 'turn-1'): string =>
    pending.raise(toQuestion('command_execution', {}, ref), turnId).approvalId;
  const statusOf = (id: string): string | undefined => journal.approvals.get(id)?.status;
  const codeOf = (answered: Promise<unknown>): Promise<unknown> =>
    answered.then(
      () => 'answered',
      (error: unknown) => (error as ServiceError).code,
    );

  it('takes the id of an item that names one pending approval; several of one item have to be named by their own', async () => {
    const [first] = [raise('a'), raise('b')];
    expect(await codeOf(pending.answer('item-1', { decision: 'approve' }))).toBe('conflict');
    await pending.answer(first, { decision: 'approve' });
    await pending.answer('item-1', { decision: 'decline' });
    expect(told).toEqual([
      ['a', { decision: 'approve' }],
      ['b', { decision: 'decline' }],
    ]);
    expect(pending.pending).toEqual([]);
  });

  it('tells the engine of an answer that could not be stored as soon as it is, so that it does not wait for ever', async () => {
    const id = raise('a');
    await recorder.durable();
    const full = new ServiceError('storage_unavailable', 'The disk is full.');
    const failed = Promise.reject(full);
    failed.catch(() => undefined);
    journal.gate = failed;
    expect(await codeOf(pending.answer(id, { decision: 'approve' }))).toBe('storage_unavailable');
    expect(told).toEqual([]);
    journal.gate = Promise.resolve();
    await jest.advanceTimersByTimeAsync(50);
    await recorder.stored();
    expect(told).toEqual([['a', { decision: 'approve' }]]);
    expect(statusOf(id)).toBe('answered');
  });

  it('tells the engine of an answer once that is durable', async () => {
    const id = raise('a');
    await recorder.durable();
    const gate = Promise.withResolvers<undefined>();
    journal.gate = gate.promise;
    const answered = pending.answer(id, { decision: 'approve' });
    expect(await codeOf(pending.answer(id, { decision: 'decline' }))).toBe('already_answered');
    expect(told).toEqual([]);
    gate.resolve(undefined);
    expect(await answered).toMatchObject({ status: 'answered', decision: 'approve' });
    expect(told).toEqual([['a', { decision: 'approve' }]]);
    expect(statusOf(id)).toBe('answered');
  });

  it('goes on waiting when an answer is refused, or cannot be stored', async () => {
    const id = raise('a');
    await recorder.durable();
    refusal = new ServiceError('unprocessable', 'It does not fit.');
    expect(await codeOf(pending.answer(id, { decision: 'approve' }))).toBe('unprocessable');
    refusal = undefined;
    journal.failure = new ServiceError('storage_unavailable', 'The disk is full.');
    recorder.event({ threadId: 'thread-1', turnId: null, event: toServiceEvent('warning', {}) });
    await expect(recorder.durable()).rejects.toThrow('The disk is full.');
    expect(await codeOf(pending.answer(id, { decision: 'approve' }))).toBe('storage_unavailable');
    expect(pending.pending.map(({ status }) => status)).toEqual(['pending']);
    expect(told).toEqual([]);
  });

  it('declines what nobody answers in time, and nothing that was answered', async () => {
    const [late, answered] = [raise('late'), raise('answered')];
    await pending.answer(answered, { decision: 'approve' });
    jest.advanceTimersByTime(TIMEOUT_MS - 1);
    expect(told).toHaveLength(1);
    jest.advanceTimersByTime(1);
    await recorder.durable();
    expect(told).toEqual([
      ['answered', { decision: 'approve' }],
      ['late', { decision: 'decline' }],
    ]);
    expect([statusOf(late), statusOf(answered)]).toEqual(['expired', 'answered']);
    expect(await codeOf(pending.answer(late, { decision: 'approve' }))).toBe('approval_expired');
    expect(journal.eventNames.slice(-2)).toEqual(['approval/expired', 'approval/resolved']);
  });

  it("withdraws a turn's questions with its end, and one that the engine closes; the engine hears nothing", async () => {
    const [first, second, elsewhere, closed] = [raise('a'), raise('b'), raise('c', 'turn-2'), raise('d', null)];
    pending.endTurn('turn-1');
    pending.close('d');
    pending.endTurn(null);
    await recorder.durable();
    expect([first, second, elsewhere, closed].map(statusOf)).toEqual([
      'cancelled',
      'cancelled',
      'pending',
      'cancelled',
    ]);
    expect(await codeOf(pending.answer(first, { decision: 'approve' }))).toBe('conflict');
    jest.advanceTimersByTime(TIMEOUT_MS);
    expect(told).toEqual([['c', { decision: 'decline' }]]);
  });

  it('expires all when the engine is gone, which hears nothing', async () => {
    const ids = [raise('a'), raise('b')];
    pending.expireAll();
    await recorder.durable();
    expect(ids.map(statusOf)).toEqual(['expired', 'expired']);
    jest.advanceTimersByTime(TIMEOUT_MS);
    expect(told).toEqual([]);
  });

  it('knows nothing of approvals of other threads', async () => {
    journal.entries.push({
      events: [],
      threads: [],
      turns: [],
      items: [],
      approvals: [{ ...pending.raise(toQuestion('tool_call'), null), approvalId: 'theirs', threadId: 'thread-2' }],
      deletedThreadIds: [],
      deletedTurns: [],
      deletedItems: [],
    });
    expect(await codeOf(pending.answer('theirs', { decision: 'decline' }))).toBe('approval_not_found');
    expect(await codeOf(pending.answer('nobody', { decision: 'decline' }))).toBe('approval_not_found');
  });
});
