import { type ApprovalAnswer } from '../core/approvals/approval-answer.js';
import { type ApprovalKind, type Decision, DECISIONS } from '../core/approvals/approval.js';
import { type EngineQuestion, type Payload } from '../core/engine/engine.js';
import { ServiceError } from '../core/errors.js';
import { requireFormContent } from './elicitation-form.js';
import { camelTranslator } from './protocol/translate.js';

/** The engine's requests that somebody has to answer, and what they are in the service's words. */
export const QUESTION_KINDS: Readonly<Record<string, ApprovalKind>> = {
  'item/commandExecution/requestApproval': 'command_execution',
  'item/fileChange/requestApproval': 'file_change',
  'item/permissions/requestApproval': 'permissions',
  'item/tool/requestUserInput': 'user_input',
  'mcpServer/elicitation/request': 'mcp_elicitation',
  'item/tool/call': 'tool_call',
};

/** The engine takes these of every question of the kind, also where it lists fewer. */
export const DECISIONS_OF: Readonly<Record<ApprovalKind, readonly Decision[]>> = {
  command_execution: DECISIONS,
  file_change: DECISIONS,
  permissions: ['approve', 'approve_for_session', 'decline'],
  user_input: ['approve', 'cancel'],
  mcp_elicitation: ['approve', 'decline', 'cancel'],
  tool_call: ['approve', 'decline'],
};

const permissionsToCamel = camelTranslator('GrantedPermissionProfile');
const toolResultToCamel = camelTranslator('DynamicToolCallResponse');

const PLAIN: Readonly<Record<Decision, string>> = {
  approve: 'accept',
  approve_for_session: 'acceptForSession',
  decline: 'decline',
  cancel: 'cancel',
};

/** The engine's response for an answer. Throws `invalid_request` or `unprocessable` when the answer does not fit. */
export function toEngineResponse(question: EngineQuestion, answer: ApprovalAnswer): unknown {
  switch (question.kind) {
    case 'command_execution':
      return { decision: toCommandDecision(answer) };
    case 'file_change':
      return { decision: PLAIN[answer.decision] };
    case 'permissions':
      return toPermissions(question, answer);
    case 'user_input':
      return { answers: toUserAnswers(question, answer) };
    case 'mcp_elicitation':
      return toElicitation(question, answer);
    case 'tool_call':
      return toToolResult(answer);
  }
}

function toCommandDecision({ decision, amendments }: ApprovalAnswer): unknown {
  const { execpolicy, network } = amendments ?? {};
  if (execpolicy && network) {
    throw new ServiceError('invalid_request', 'amendments takes either execpolicy or network, not both.', {
      fields: [{ path: 'amendments', message: 'must hold one amendment' }],
    });
  }
  if (execpolicy) {
    return { acceptWithExecpolicyAmendment: { execpolicy_amendment: execpolicy } };
  }
  return network ? { applyNetworkPolicyAmendment: { network_policy_amendment: network } } : PLAIN[decision];
}

function toPermissions({ payload }: EngineQuestion, { decision, permissions }: ApprovalAnswer): unknown {
  const scope = decision === 'approve_for_session' ? 'session' : 'turn';
  if (decision === 'decline') {
    return { permissions: {}, scope };
  }
  return { permissions: withoutNulls(permissionsToCamel(permissions ?? payload.permissions)), scope };
}

/** What is asked for may hold nulls, where what is granted leaves the key out. */
function withoutNulls(value: unknown): unknown {
  return Object.fromEntries(Object.entries(value as Payload).filter(([, part]) => part !== null));
}

function toUserAnswers({ payload }: EngineQuestion, { decision, answers }: ApprovalAnswer): unknown {
  if (decision !== 'approve') {
    return {};
  }
  const questions = payload.questions as { id: string }[];
  const unanswered = questions.filter(({ id }) => answers?.[id] === undefined);
  if (unanswered.length > 0) {
    throw new ServiceError(
      'invalid_request',
      'Every question needs an answer: answers maps each question id to a list of strings.',
      {
        fields: unanswered.map(({ id }) => ({ path: `answers.${id}`, message: 'is missing' })),
      },
    );
  }
  return Object.fromEntries(questions.map(({ id }) => [id, { answers: answers?.[id] }]));
}

function toElicitation({ payload }: EngineQuestion, { decision, content }: ApprovalAnswer): unknown {
  if (decision !== 'approve') {
    return { action: decision, content: null, _meta: null };
  }
  if (payload.requested_schema !== undefined) {
    requireFormContent(payload.requested_schema, content ?? {});
  }
  return { action: 'accept', content: content ?? null, _meta: null };
}

function toToolResult({ decision, result }: ApprovalAnswer): unknown {
  if (decision !== 'approve') {
    return { contentItems: [{ type: 'inputText', text: 'The caller declined to run this tool.' }], success: false };
  }
  if (!result) {
    throw new ServiceError('invalid_request', 'A tool call is approved with its result.', {
      fields: [{ path: 'result', message: 'is missing' }],
    });
  }
  const contentItems = result.content.map((part) => {
    const type = part.type === 'text' ? 'input_text' : part.type === 'image' ? 'input_image' : part.type;
    return { ...part, type };
  });
  return toolResultToCamel({ content_items: contentItems, success: result.success ?? true });
}
