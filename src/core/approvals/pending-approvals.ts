import { randomUUID } from 'node:crypto';
import { type Engine, type EngineQuestion, type QuestionRef } from '../engine/engine.js';
import { ServiceError } from '../errors.js';
import { toKnownEvent, toServiceEvent } from '../events/catalogue.js';
import { type EventRecorder } from '../events/event-recorder.js';
import { type OperationRef } from '../idempotency/operation-ref.js';
import { type ApprovalAnswer } from './approval-answer.js';
import { type ApprovalIndex } from './approval-index.js';
import { type ApprovalInput, requireAnswerable, settle } from './approval-state.js';
import { type ApprovalRecord, needsInterrupt } from './approval.js';

const MAX_REMEMBERED = 50;

interface Pending {
  record: ApprovalRecord;
  question: EngineQuestion;
  timer: NodeJS.Timeout;
}

/** What it needs of a live thread's context. */
interface ApprovalContext {
  recorder: EventRecorder;
  approvals: Pick<ApprovalIndex, 'find'>;
  engine: Pick<Engine, 'prepareAnswer'>;
  approvalTimeoutMs: number;
}

/** The questions of one thread that wait for somebody. It owns their timers. */
export class PendingApprovals {
  readonly #pending = new Map<string, Pending>();
  /** Settled just now: the store may not show it yet. */
  readonly #settled = new Map<string, ApprovalRecord>();

  constructor(
    private readonly threadId: string,
    private readonly context: ApprovalContext,
  ) {}

  get pendingCount(): number {
    return this.#pending.size;
  }

  get pending(): ApprovalRecord[] {
    return [...this.#pending.values()].map(({ record }) => record);
  }

  /** Puts the question on the record and on the stream, and starts its time. */
  raise(question: EngineQuestion, turnId: string | null): ApprovalRecord {
    const { recorder, approvalTimeoutMs } = this.context;
    const now = recorder.now();
    const record: ApprovalRecord = {
      approvalId: randomUUID(),
      threadId: this.threadId,
      turnId,
      itemId: question.itemId,
      kind: question.kind,
      status: 'pending',
      createdAt: now.iso,
      expiresAt: new Date(now.ms + approvalTimeoutMs).toISOString(),
      availableDecisions: question.availableDecisions,
      request: question.payload,
      decision: null,
      resolvedAt: null,
    };
    const timer = setTimeout(() => {
      this.#expire(record.approvalId);
    }, approvalTimeoutMs);
    timer.unref();
    this.#pending.set(record.approvalId, { record, question, timer });
    recorder.approval(record);
    recorder.event({
      threadId: this.threadId,
      turnId,
      event: toServiceEvent(question.name, {
        ...question.payload,
        approval_id: record.approvalId,
        item_id: record.itemId,
        kind: record.kind,
        available_decisions: record.availableDecisions,
        expires_at: record.expiresAt,
      }),
    });
    return record;
  }

  /**
   * Answers a pending approval once. It is durable before the engine hears of it.
   * Throws `approval_not_found`, `already_answered`, `approval_expired`, `invalid_request` or `unprocessable`.
   */
  async answer(
    approvalOrItemId: string,
    answer: ApprovalAnswer,
    { operation, interrupt }: AnswerOptions = {},
  ): Promise<ApprovalRecord> {
    const pending = this.#find(approvalOrItemId);
    if (!pending) {
      return this.#requireAnsweredBy(operation, approvalOrItemId, answer);
    }
    requireAnswerable(pending.record, answer);
    const send = this.context.engine.prepareAnswer(pending.question, answer);
    this.context.recorder.requireHealthy();
    const answeredBy = operation ? { answeredBy: operation.id } : {};
    const record = this.#settle(pending, { type: 'answered', decision: answer.decision, ...answeredBy });
    // Whatever the caller is told of a store that fails, the answer stands and the engine must not wait for ever.
    const deliver =
      interrupt && needsInterrupt(record) ? () => interruptOr(send, () => interrupt(record.turnId)) : send;
    const sent = this.context.recorder.stored().then(deliver);
    await this.context.recorder.durable();
    await sent;
    return record;
  }

  /** What an earlier attempt of the operation has answered; throws for whatever else isn't pending. */
  #requireAnsweredBy(operation: OperationRef | undefined, approvalId: string, answer: ApprovalAnswer): ApprovalRecord {
    const stored = this.#settled.get(approvalId) ?? this.context.approvals.find(approvalId);
    if (stored?.threadId !== this.threadId) {
      throw new ServiceError('approval_not_found', 'This thread has no such approval.');
    }
    if (operation !== undefined && stored.answeredBy === operation.id) {
      return stored;
    }
    requireAnswerable(stored, answer);
    throw new ServiceError('conflict', 'The engine no longer waits for this approval.');
  }

  /** The engine says that it no longer waits. */
  close(ref: QuestionRef): void {
    for (const pending of this.#pending.values()) {
      if (pending.question.ref === ref) {
        this.#settle(pending, { type: 'withdrawn' });
      }
    }
  }

  /** The turn is over: the engine waits for none of its questions, though it does not say so of every kind. */
  endTurn(turnId: string | null): void {
    for (const pending of this.#pending.values()) {
      if (turnId !== null && pending.record.turnId === turnId) {
        this.#settle(pending, { type: 'withdrawn' });
      }
    }
  }

  /** The engine is gone, and with it whoever would hear an answer. */
  expireAll(): void {
    for (const pending of this.#pending.values()) {
      this.#settle(pending, { type: 'expired' });
    }
  }

  #expire(approvalId: string): void {
    const pending = this.#pending.get(approvalId);
    if (pending) {
      const decline = this.context.engine.prepareAnswer(pending.question, { decision: 'decline' });
      this.#settle(pending, { type: 'expired' });
      decline();
    }
  }

  #find(approvalOrItemId: string): Pending | undefined {
    const exact = this.#pending.get(approvalOrItemId);
    if (exact) {
      return exact;
    }
    const ofItem = [...this.#pending.values()].filter(({ record }) => record.itemId === approvalOrItemId);
    if (ofItem.length > 1) {
      throw new ServiceError('conflict', 'Several approvals of this item are pending: name one by its approval_id.');
    }
    return ofItem[0];
  }

  #settle(pending: Pending, input: ApprovalInput): ApprovalRecord {
    const { recorder } = this.context;
    clearTimeout(pending.timer);
    this.#pending.delete(pending.record.approvalId);
    const record = settle(pending.record, input, recorder.now().iso);
    recordSettled(recorder, record);
    this.#settled.set(record.approvalId, record);
    const oldest = this.#settled.keys().next();
    if (this.#settled.size > MAX_REMEMBERED && !oldest.done) {
      this.#settled.delete(oldest.value);
    }
    return record;
  }
}

/** Stores a settled approval and says so on its thread's stream. */
export function recordSettled(recorder: EventRecorder, record: ApprovalRecord): void {
  const { threadId, turnId, approvalId, itemId, kind, status, decision } = record;
  recorder.approval(record);
  if (status === 'expired') {
    const payload = { approval_id: approvalId, item_id: itemId, kind, expires_at: record.expiresAt };
    recorder.event({ threadId, turnId, event: toKnownEvent('approval/expired', payload) });
  }
  const payload = { approval_id: approvalId, item_id: itemId, kind, status, decision };
  recorder.event({ threadId, turnId, event: toKnownEvent('approval/resolved', payload) });
}

export interface AnswerOptions {
  /** Of the keyed request that answers. */
  operation?: OperationRef | undefined;
  /** Ends the turn, for a `cancel` that the engine has no word for. */
  interrupt?: (turnId: string | null) => Promise<void>;
}

/**
 * Ends the turn in place of an answer, after which the engine would go on with it for a moment. Where that fails the engine
 * gets the answer, since it must not wait for ever.
 */
async function interruptOr(send: () => void, interrupt: () => Promise<void>): Promise<void> {
  try {
    await interrupt();
  } catch (error) {
    send();
    throw error;
  }
}
