import { type ApprovalAnswer } from '../../core/approvals/approval-answer.js';
import { type AnswerApprovalDto } from './approvals.dto.js';

/** The answer with only those parts that the caller gave. */
export function toAnswer({
  decision,
  amendments,
  answers,
  content,
  permissions,
  result,
}: AnswerApprovalDto): ApprovalAnswer {
  const answer: ApprovalAnswer = { decision };
  if (amendments !== undefined) {
    answer.amendments = amendments;
  }
  if (answers !== undefined) {
    answer.answers = answers;
  }
  if (content !== undefined) {
    answer.content = content;
  }
  if (permissions !== undefined) {
    answer.permissions = permissions;
  }
  if (result !== undefined) {
    answer.result = { content: result.content, success: result.success ?? true };
  }
  return answer;
}
