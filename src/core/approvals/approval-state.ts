import { ServiceError } from '../errors.js';
import { type ApprovalAnswer } from './approval-answer.js';
import { type ApprovalKind, type ApprovalRecord, type Decision } from './approval.js';

/** What can happen to a pending approval. It happens once: every other state is final. */
export type ApprovalInput =
  | { type: 'answered'; decision: Decision; answeredBy?: string }
  /** Nobody answered in time, or the engine died under it. */
  | { type: 'expired' }
  /** The engine no longer asks: its turn was interrupted or is over. */
  | { type: 'withdrawn' };

/** The next state, or the same object when the approval was settled before. */
export function settle(approval: ApprovalRecord, input: ApprovalInput, at: string): ApprovalRecord {
  if (approval.status !== 'pending') {
    return approval;
  }
  switch (input.type) {
    case 'answered':
      return {
        ...approval,
        ...(input.answeredBy !== undefined && { answeredBy: input.answeredBy }),
        status: 'answered',
        decision: input.decision,
        resolvedAt: at,
      };
    case 'expired':
      return { ...approval, status: 'expired', resolvedAt: at };
    case 'withdrawn':
      return { ...approval, status: 'cancelled', resolvedAt: at };
  }
}

/** Throws `already_answered`, `approval_expired`, `conflict` or `invalid_request` unless the answer can be given. */
export function requireAnswerable(approval: ApprovalRecord, answer: ApprovalAnswer): void {
  switch (approval.status) {
    case 'answered':
      throw new ServiceError('already_answered', `The approval was answered already: ${approval.decision ?? ''}.`);
    case 'expired':
      throw new ServiceError(
        'approval_expired',
        'The approval expired before it was answered; the request was declined.',
      );
    case 'cancelled':
      throw new ServiceError('conflict', 'The approval was withdrawn because its turn is over.');
    case 'pending':
      requireFitting(approval, answer);
  }
}

const PARTS: Record<Exclude<keyof ApprovalAnswer, 'decision'>, ApprovalKind> = {
  amendments: 'command_execution',
  answers: 'user_input',
  content: 'mcp_elicitation',
  permissions: 'permissions',
  result: 'tool_call',
};

function requireFitting(approval: ApprovalRecord, answer: ApprovalAnswer): void {
  if (!approval.availableDecisions.includes(answer.decision)) {
    throw new ServiceError(
      'invalid_request',
      `This approval can't be answered with ${answer.decision}; it takes ${approval.availableDecisions.join(', ')}.`,
      { fields: [{ path: 'decision', message: `must be one of ${approval.availableDecisions.join(', ')}` }] },
    );
  }
  for (const part of Object.keys(PARTS) as (keyof typeof PARTS)[]) {
    const belongs = PARTS[part] === approval.kind && answer.decision.startsWith('approve');
    if (answer[part] !== undefined && !belongs) {
      throw new ServiceError(
        'invalid_request',
        `${part} belongs to an approval of kind ${PARTS[part]} that is approved.`,
        {
          fields: [{ path: part, message: `is not for ${answer.decision} of kind ${approval.kind}` }],
        },
      );
    }
  }
}
