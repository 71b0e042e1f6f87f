import { ServiceError } from '../../core/errors.js';
import { type Payload } from '../../core/engine/engine.js';
import { type ThreadOptions, type TurnOptions } from '../../core/engine/options.js';
import { type Authority } from '../../core/permissions/authority.js';
import { type Ceiling } from '../../core/permissions/ceiling.js';
import { type CallerFunction, toDynamicTools } from '../../core/turns/caller-tools.js';
import { type Pace } from '../../core/events/pace.js';
import { type ChatRequest } from './chat-request.js';
import { type Conversation, toConversation } from './conversation.js';
import { type ModelChoice } from './model-cards.js';
import { toAnswerFormat } from './response-format.js';
import { type TextLimits } from './text-limits.js';
import { toToolChoice } from './tool-choice.js';

export const CHAT_MODES = ['model', 'agent'] as const;
export type ChatMode = (typeof CHAT_MODES)[number];

/** What a request comes to, whichever thread it is answered in. */
export interface ChatPlan {
  mode: ChatMode;
  authority: Authority;
  conversation: Conversation;
  /** Makes a thread for the conversation. */
  threadOptions: ThreadOptions;
  metadata: Readonly<Record<string, string>>;
  turnOptions: TurnOptions;
  /** What the model is told of this answer, beside the conversation. */
  directions: readonly string[];
  functions: readonly CallerFunction[];
  /** An answer without a call is none. */
  mustCall: boolean;
  isParallel: boolean;
  limits: TextLimits;
  /** How fast the answer is taken, where it is streamed. */
  pace?: Pace | undefined;
}

export interface PlanContext {
  mode: ChatMode;
  choice: ModelChoice;
  /** Where the agent works. */
  cwd: string;
  /** Of the caller. */
  ceiling: Ceiling;
}

const APPROVAL_POLICIES = ['untrusted', 'on-request', 'never'];

/** Throws `invalid_request` for what contradicts itself. */
export function toPlan(request: ChatRequest, context: PlanContext): ChatPlan {
  const conversation = toConversation(request.messages);
  const { functions, mustCall, directions: toolDirections } = toToolChoice(request);
  const { outputSchema, directions: formatDirections } = toAnswerFormat(request.response_format);
  return {
    mode: context.mode,
    authority: toAuthority(request, context),
    conversation,
    threadOptions: toThreadOptions(request, conversation, functions, context),
    metadata: toMetadata(request),
    turnOptions: toTurnOptions(request, outputSchema, context.choice),
    directions: [...toolDirections, ...formatDirections],
    functions,
    mustCall,
    isParallel: request.parallel_tool_calls !== false,
    limits: { maxTokens: toMaxTokens(request), stops: toList(request.stop) },
  };
}

function toThreadOptions(
  request: ChatRequest,
  { instructions }: Conversation,
  functions: readonly CallerFunction[],
  { mode, choice, cwd }: PlanContext,
): ThreadOptions {
  return {
    raw_events: true,
    cwd,
    ...(choice.model === undefined ? {} : { model: choice.model }),
    ...(functions.length === 0 ? {} : { dynamic_tools: toDynamicTools(functions) }),
    ...(request.verbosity ? { config: { model_verbosity: request.verbosity } } : {}),
    ...(mode === 'model'
      ? { mode, base_instructions: instructions, approval_policy: 'never', sandbox: 'read-only' }
      : toAgentOptions(request, instructions)),
  };
}

/** What the caller chose of the options; the rest of them is this dialect's own. */
function toAuthority({ metadata }: ChatRequest, { mode, ceiling }: PlanContext): Authority {
  const policy = mode === 'agent' ? metadata?.codex_approval_policy : undefined;
  return { ceiling, asked: { approval_policy: policy }, nameOf: (path) => `metadata.codex_${path}` };
}

/** Nobody answers a question here, so that none is asked unless the caller will answer it elsewhere. */
function toAgentOptions({ metadata }: ChatRequest, instructions: string): ThreadOptions {
  const policy = metadata?.codex_approval_policy ?? 'never';
  if (!APPROVAL_POLICIES.includes(policy)) {
    throw invalid('metadata.codex_approval_policy', `must be one of ${APPROVAL_POLICIES.join(', ')}`);
  }
  return {
    approval_policy: policy,
    ...(instructions === '' ? {} : { developer_instructions: instructions }),
  };
}

function toMetadata({ metadata, user, safety_identifier: safetyIdentifier }: ChatRequest): Record<string, string> {
  return {
    ...metadata,
    ...(user ? { user } : {}),
    ...(safetyIdentifier ? { safety_identifier: safetyIdentifier } : {}),
    dialect: 'chat',
  };
}

function toTurnOptions(request: ChatRequest, outputSchema: Payload | undefined, choice: ModelChoice): TurnOptions {
  const { service_tier: tier } = request;
  const effort = toEffort(request, choice);
  return {
    ...(choice.model === undefined ? {} : { model: choice.model }),
    ...(effort === null ? {} : { reasoning_effort: effort }),
    reasoning_summary: 'auto',
    ...(outputSchema === undefined ? {} : { output_schema: outputSchema }),
    ...(tier === 'flex' || tier === 'priority' ? { service_tier_for_turn: tier } : {}),
  };
}

function toEffort({ model, reasoning_effort: asked }: ChatRequest, { effort }: ModelChoice): string | null {
  if (asked && effort !== null && asked !== effort) {
    throw invalid('reasoning_effort', `contradicts the model ${model ?? ''}, which thinks with the effort ${effort}`);
  }
  return asked ?? effort;
}

function toMaxTokens({ max_completion_tokens: max, max_tokens: older }: ChatRequest): number | null {
  if (max && older && max !== older) {
    throw invalid('max_tokens', 'contradicts max_completion_tokens');
  }
  const asked = max ?? older ?? -1;
  return asked === -1 ? null : asked;
}

function toList(stop: ChatRequest['stop']): readonly string[] {
  return typeof stop === 'string' ? [stop] : (stop ?? []);
}

function invalid(path: string, message: string): ServiceError {
  return new ServiceError('invalid_request', `The request is not valid: ${path}: ${message}.`, {
    fields: [{ path, message }],
  });
}
