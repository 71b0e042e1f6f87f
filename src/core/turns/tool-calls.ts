import { type ApprovalIndex } from '../approvals/approval-index.js';
import { type Authority } from '../permissions/authority.js';
import { type ThreadManager } from '../threads/thread-manager.js';
import { type ToolResult } from './tool-results.js';

/** How many of a thread's approvals are looked through; those that wait come first. */
const LOOKBACK = 100;

/** A call of a caller's function for which the engine waits. */
export interface ParkedCall {
  threadId: string;
  turnId: string | null;
  approvalId: string;
}

export interface ToolCallsPorts {
  approvals: ApprovalIndex;
  manager: ThreadManager;
}

/** The calls of functions that callers run themselves: approvals of kind `tool_call`, found by the model's own call id. */
export class ToolCalls {
  constructor(private readonly ports: ToolCallsPorts) {}

  /** `undefined` when nobody waits for it: it was answered, has expired, or its engine is gone. */
  find(callId: string): ParkedCall | undefined {
    const approval = this.ports.approvals
      .pending()
      .find(({ kind, itemId }) => kind === 'tool_call' && itemId === callId);
    return approval && { threadId: approval.threadId, turnId: approval.turnId, approvalId: approval.approvalId };
  }

  /** Whether the engine waits for it, or has not asked for it yet. */
  canAnswer(threadId: string, callId: string): boolean {
    const { data } = this.ports.approvals.list({ threadId, limit: LOOKBACK });
    return (data.find(({ itemId }) => itemId === callId)?.status ?? 'pending') === 'pending';
  }

  /**
   * Gives a call its output; durable when it resolves. One that the model has made, but of which the engine has not asked
   * yet since it runs others first, is answered as soon as it does.
   * Throws as `PendingApprovals.answer`, and `forbidden` in a thread above the caller's ceiling.
   */
  async answer(threadId: string, callId: string, result: ToolResult, authority: Authority): Promise<void> {
    const thread = await this.ports.manager.require(threadId);
    thread.requireWithin(authority);
    await thread.giveResult(callId, result);
  }
}
