import { type ApprovalAnswer, type ToolContent } from '../../core/approvals/approval-answer.js';
import { type AnswerApprovalDto, type ToolContentDto } from './approvals.dto.js';

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
    answer.permissions = { file_system: permissions.file_system, network: permissions.network };
  }
  if (result !== undefined) {
    answer.result = { content: result.content.map(toToolContent), success: result.success ?? true };
  }
  return answer;
}

/** A part that was checked has the key of its type. */
function toToolContent({ type, text = '', image_url = '', audio_url = '' }: ToolContentDto): ToolContent {
  switch (type) {
    case 'text':
      return { type, text };
    case 'image':
      return { type, image_url };
    case 'audio':
      return { type, audio_url };
  }
}
