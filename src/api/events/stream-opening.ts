import { Injectable } from '@nestjs/common';
import { ApprovalIndex } from '../../core/approvals/approval-index.js';
import { ThreadDirectory } from '../../core/threads/thread-directory.js';
import { ThreadHistory } from '../../core/threads/thread-history.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { toApproval } from '../resources/approval.views.js';
import { toThreadJson } from '../resources/thread.views.js';
import { toTurnJson } from '../resources/turn.views.js';

/** `latest_seq` is where the stream begins for whoever asks for no replay. */
interface Opening {
  latest_seq: number;
  pending_approvals: unknown[];
  [part: string]: unknown;
}

/** What a subscriber is told first: the state of things at the place where its stream begins. */
@Injectable()
export class StreamOpening {
  constructor(
    private readonly manager: ThreadManager,
    private readonly directory: ThreadDirectory,
    private readonly history: ThreadHistory,
    private readonly approvals: ApprovalIndex,
  ) {}

  /** Throws `thread_not_found`. */
  async ofThread(threadId: string): Promise<Opening> {
    await this.directory.require(threadId);
    const snapshot = this.directory.requireKnown(threadId);
    const live = this.manager.findLive(threadId);
    const active = live?.activeTurn;
    return {
      thread: JSON.parse(toThreadJson(snapshot)) as unknown,
      active_turn: active ? (JSON.parse(toTurnJson(this.history.withItems(threadId, active))) as unknown) : null,
      pending_approvals: (live?.pendingApprovals ?? this.approvals.pending(threadId)).map(toApproval),
      latest_seq: snapshot.latestSeq,
    };
  }

  ofServer(): Opening {
    const pending = [...this.manager.live].flatMap(({ pendingApprovals }) => pendingApprovals);
    return { pending_approvals: pending.map(toApproval), latest_seq: this.directory.latestGlobalSeq };
  }
}
