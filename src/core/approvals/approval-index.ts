import { type Page } from '../threads/thread-index.js';
import { type ApprovalRecord, type ApprovalStatus } from './approval.js';

export interface ApprovalQuery {
  /** Of all threads when absent. */
  threadId?: string;
  status?: ApprovalStatus;
  limit: number;
  cursor?: string;
}

/** Finds stored approvals. */
export abstract class ApprovalIndex {
  abstract find(approvalId: string): ApprovalRecord | undefined;

  /** Pending ones first, then the newest first. Throws `invalid_request` for a cursor that it did not give. */
  abstract list(query: ApprovalQuery): Page<ApprovalRecord>;

  /** All that are pending, oldest first: of one thread, or (what a start of the server has to settle) of all. */
  abstract pending(threadId?: string): ApprovalRecord[];
}
