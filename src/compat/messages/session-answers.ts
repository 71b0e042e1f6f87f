import { Injectable } from '@nestjs/common';
import { ApprovalIndex } from '../../core/approvals/approval-index.js';
import { ServiceError } from '../../core/errors.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { type Thread } from '../../core/threads/thread.js';
import { type Cancelled, type Confirmed, type UserCancel, type UserConfirm } from './messages.dto.js';
import { SessionFinder } from './session-finder.js';

/** `user_confirm` and `user_cancel`. */
@Injectable()
export class SessionAnswers {
  constructor(
    private readonly finder: SessionFinder,
    private readonly manager: ThreadManager,
    private readonly approvals: ApprovalIndex,
  ) {}

  /** Answers a question: the only one that waits in the session, or the one that is named. */
  async confirm({ id, message: decision }: UserConfirm): Promise<Confirmed> {
    const named = this.approvals.find(id);
    const thread = await (named ? this.manager.require(named.threadId) : this.finder.require(id));
    const approvalId = named?.approvalId ?? requireOnlyQuestion(thread);
    const { approvalId: answered } = await thread.answer(approvalId, { decision });
    return { type: 'user_confirm', id: thread.threadId, approval_id: answered, decision };
  }

  /** Throws `turn_not_active` when nothing runs. */
  async cancel({ id }: UserCancel): Promise<Cancelled> {
    const thread = await this.finder.require(id);
    const { activeTurn: active } = thread;
    if (!active) {
      throw new ServiceError('turn_not_active', 'Nothing is running in this session.');
    }
    const { turnId } = await thread.interrupt(active.turnId);
    return { type: 'user_cancel', id: thread.threadId, turn_id: turnId };
  }
}

/** To approve what nobody has looked at is worse than to ask again. */
function requireOnlyQuestion({ pendingApprovals: pending }: Thread): string {
  const [only, ...others] = pending;
  if (!only) {
    throw new ServiceError('approval_not_found', 'No question waits for an answer in this session.');
  }
  if (others.length > 0) {
    const ids = pending.map(({ approvalId }) => approvalId).join(', ');
    throw new ServiceError('conflict', `Several questions wait in this session; name one of them as the id: ${ids}.`);
  }
  return only.approvalId;
}
