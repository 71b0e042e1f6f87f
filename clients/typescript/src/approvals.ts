import { type Api, type CallOptions, type Schemas, unwrap } from './api.js';
import { NotFoundError } from './errors.js';
import { type paths } from './generated/schema.js';

export type Approval = Schemas['Approval'];
export type Decision = Schemas['AnswerApproval']['decision'];
/** A decision, or one with what goes with it. */
export type Answer = Decision | Schemas['AnswerApproval'];
/** What names an approval: one that was listed, or the event that asks for it. */
export type ApprovalRef = Pick<Approval, 'thread_id' | 'approval_id'>;
export type ApprovalQuery = NonNullable<paths['/api/v2/approvals']['get']['parameters']['query']>;

/** Events that are questions. */
export const QUESTIONS: ReadonlySet<string> = new Set([
  'item/commandExecution/requestApproval',
  'item/fileChange/requestApproval',
  'item/permissions/requestApproval',
  'item/tool/requestUserInput',
  'mcpServer/elicitation/request',
  'item/tool/call',
]);

/** `client.approvals`: what the agent asks, and the answers. */
export class Approvals {
  constructor(private readonly api: Api) {}

  /** Of all threads, pending ones first. */
  list(query: ApprovalQuery = {}, options: CallOptions = {}): Promise<Schemas['ApprovalPage']> {
    return unwrap(this.api.GET('/api/v2/approvals', { params: { query }, ...options }));
  }

  /** Of one thread, pending ones first. */
  listOfThread(
    threadId: string,
    query: ApprovalQuery = {},
    options: CallOptions = {},
  ): Promise<Schemas['ApprovalPage']> {
    const params = { path: { thread_id: threadId }, query };
    return unwrap(this.api.GET('/api/v2/threads/{thread_id}/approvals', { params, ...options }));
  }

  /** Throws a `NotFoundError` where there is none. */
  get(approvalId: string, options: CallOptions = {}): Promise<Approval> {
    const params = { path: { approval_id: approvalId } };
    return unwrap(this.api.GET('/api/v2/approvals/{approval_id}', { params, ...options }));
  }

  /** The thread's approval by its id. */
  async find(threadId: string, approvalId: string, options: CallOptions = {}): Promise<Approval | undefined> {
    const params = { path: { thread_id: threadId, approval_id: approvalId } };
    const call = this.api.GET('/api/v2/threads/{thread_id}/approvals/{approval_id}', { params, ...options });
    return unwrap(call).catch((error: unknown) => {
      if (error instanceof NotFoundError) {
        return undefined;
      }
      throw error;
    });
  }

  /** Throws a `ConflictError` when it was answered already, or has expired. */
  answer({ thread_id, approval_id }: ApprovalRef, answer: Answer, options: CallOptions = {}): Promise<Approval> {
    const body = typeof answer === 'string' ? { decision: answer } : answer;
    const call = { params: { path: { thread_id, approval_id } }, body, ...options };
    return unwrap(this.api.POST('/api/v2/threads/{thread_id}/approvals/{approval_id}', call));
  }

  approve(approval: ApprovalRef, more: Omit<Schemas['AnswerApproval'], 'decision'> = {}): Promise<Approval> {
    return this.answer(approval, { decision: 'approve', ...more });
  }

  /** The turn goes on without it. */
  decline(approval: ApprovalRef): Promise<Approval> {
    return this.answer(approval, 'decline');
  }

  /** The turn is interrupted. */
  cancel(approval: ApprovalRef): Promise<Approval> {
    return this.answer(approval, 'cancel');
  }
}
