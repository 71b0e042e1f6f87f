import { type ApprovalAnswer } from '../approvals/approval-answer.js';
import { type PendingApprovals } from '../approvals/pending-approvals.js';
import { type ApprovalIndex } from '../approvals/approval-index.js';
import { type ApprovalRecord } from '../approvals/approval.js';
import { type TurnQueue } from './turn-queue.js';

export type ToolResult = NonNullable<ApprovalAnswer['result']>;

/** How many of a thread's approvals are looked through for one that was answered already. */
const LOOKBACK = 100;

export interface CallingThread {
  readonly threadId: string;
  readonly turns: TurnQueue;
  readonly approvals: PendingApprovals;
}

/** The outputs of the caller's functions in one thread, those too of which the engine has not asked for yet. */
export class ToolResults {
  /** By call id. */
  readonly #early = new Map<string, ToolResult>();

  constructor(
    private readonly thread: CallingThread,
    private readonly index: ApprovalIndex,
  ) {}

  /** Answers a call; the output is kept if the engine has not asked for it yet in this turn. */
  async give(callId: string, result: ToolResult): Promise<void> {
    const { threadId, turns, approvals } = this.thread;
    const isCall = ({ itemId }: ApprovalRecord): boolean => itemId === callId;
    const asked = approvals.pending.find(isCall) ?? this.index.list({ threadId, limit: LOOKBACK }).data.find(isCall);
    if (asked ?? !turns.active) {
      await approvals.answer(asked?.approvalId ?? callId, { decision: 'approve', result });
    } else {
      this.#early.set(callId, result);
    }
  }

  /** The engine asks: it gets what was kept for it. */
  raised({ approvalId, kind, itemId }: ApprovalRecord): void {
    const result = itemId === null ? undefined : this.#early.get(itemId);
    if (result && kind === 'tool_call') {
      this.#early.delete(itemId ?? '');
      // Refused only where the engine waits no more.
      this.thread.approvals.answer(approvalId, { decision: 'approve', result }).catch(() => undefined);
    }
  }

  /** The turn is over, and with it the calls that it made. */
  clear(): void {
    this.#early.clear();
  }
}
