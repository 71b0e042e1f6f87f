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
      return { decision: toCommandDecision(question, answer) };
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

function toCommandDecision({ payload }: EngineQuestion, { decision, amendments }: ApprovalAnswer): unknown {
  if (amendments === undefined) {
    return PLAIN[decision];
  }
  const { execpolicy, network } = amendments;
  if ((execpolicy === undefined) === (network === undefined)) {
    throw refuse('amendments', 'must hold either execpolicy or network', 'amendments takes one amendment.');
  }
  if (execpolicy) {
    requireSameCommand(payload.proposed_execpolicy_amendment, execpolicy);
    return { acceptWithExecpolicyAmendment: { execpolicy_amendment: execpolicy } };
  }
  requireSameHost(payload.network_approval_context, network?.host);
  return { applyNetworkPolicyAmendment: { network_policy_amendment: network } };
}

/** The engine would store any prefix; one that says less than the proposed one would allow what nobody looked at. */
function requireSameCommand(proposed: unknown, prefix: readonly string[]): void {
  const words = Array.isArray(proposed) ? (proposed as unknown[]) : [];
  if (words.length === 0 || words.some((word, index) => word !== prefix[index])) {
    throw refuse(
      'amendments.execpolicy',
      words.length === 0 ? 'none is proposed' : 'must be the proposed prefix, or begin with all of it',
      'The amendment is not about this command: proposed_execpolicy_amendment is what can be allowed.',
    );
  }
}

/** Of a question that is not about a host the engine would take `deny` for a refusal of the command. */
function requireSameHost(context: unknown, host: unknown): void {
  const asked = (context as { host: string } | null | undefined)?.host;
  if (asked === undefined || asked !== host) {
    throw refuse(
      'amendments.network',
      asked === undefined ? 'is not for this approval' : `host must be ${asked}`,
      'The amendment is not about this request: network_approval_context names the host, if it is about one.',
    );
  }
}

function refuse(path: string, fault: string, message: string): ServiceError {
  return new ServiceError('invalid_request', message, { fields: [{ path, message: fault }] });
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
  return Object.fromEntries(Object.entries(value as Payload).filter(([, part]) => (part ?? null) !== null));
}

function toUserAnswers({ payload }: EngineQuestion, { decision, answers }: ApprovalAnswer): unknown {
  if (decision !== 'approve') {
    return {};
  }
  const questions = payload.questions as { id: string }[];
  const asked = questions.map(({ id }) => id);
  const given = Object.keys(answers ?? {});
  const fields = [
    ...asked.filter((id) => !given.includes(id)).map((id) => ({ path: `answers.${id}`, message: 'is missing' })),
    ...given.filter((id) => !asked.includes(id)).map((id) => ({ path: `answers.${id}`, message: 'was not asked' })),
  ];
  if (fields.length > 0) {
    throw new ServiceError(
      'invalid_request',
      'Every question needs an answer, and nothing else: answers maps each question id to a list of strings.',
      { fields },
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
    throw refuse('result', 'is missing', 'A tool call is approved with its result.');
  }
  const contentItems = result.content.map((part) => ({ ...part, type: `input_${part.type}` }));
  return toolResultToCamel({ content_items: contentItems, success: result.success ?? true });
}
