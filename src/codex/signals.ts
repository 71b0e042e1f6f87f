import {
  type EngineNotification,
  type EngineQuestion,
  type EngineQuestionClosed,
  type Payload,
} from '../core/engine/engine.js';
import { toServiceEvent } from '../core/events/catalogue.js';
import { DECISIONS_OF, QUESTION_KINDS } from './answers.js';
import { SERVER_NOTIFICATIONS, SERVER_REQUESTS } from './protocol/generated/methods.js';
import { snakeTranslator } from './protocol/translate.js';

type Translate = (value: unknown) => unknown;

const TRANSLATORS = new Map<string, Translate>([
  ...Object.entries(SERVER_NOTIFICATIONS).map(([method, { params }]) => [method, snakeTranslator(params)] as const),
  ...Object.entries(SERVER_REQUESTS).map(([method, { params }]) => [method, snakeTranslator(params)] as const),
]);

/** What the engine said, in the service's words. A name that a newer engine invented is passed on as it came. */
export function toNotification(method: string, params: unknown): EngineNotification {
  const engine = params as { threadId?: string; turnId?: string; turn?: { id: string }; thread?: { id: string } };
  return {
    type: 'notification',
    event: toServiceEvent(method, toPayload(method, params)),
    engineThreadId: engine.threadId ?? engine.thread?.id ?? null,
    engineTurnId: engine.turnId ?? engine.turn?.id ?? null,
  };
}

/** The question that this request puts to somebody; `undefined` for a request that no person can answer. */
export function toQuestion(method: string, params: unknown, ref: string): EngineQuestion | undefined {
  const kind = QUESTION_KINDS[method];
  if (kind === undefined) {
    return undefined;
  }
  const { threadId, turnId, itemId, callId } = params as {
    threadId: string;
    turnId?: string | null;
    itemId?: string;
    callId?: string;
  };
  return {
    type: 'question',
    name: method,
    ref,
    kind,
    engineThreadId: threadId,
    engineTurnId: turnId ?? null,
    itemId: itemId ?? callId ?? null,
    availableDecisions: DECISIONS_OF[kind],
    payload: toPayload(method, params),
  };
}

/** Which question the engine closed with this notification, if it did. */
export function toQuestionClosed(method: string, params: unknown, epoch: number): EngineQuestionClosed | undefined {
  if (method !== 'serverRequest/resolved') {
    return undefined;
  }
  const { threadId, requestId } = params as { threadId: string; requestId: string | number };
  return { type: 'question_closed', engineThreadId: threadId, ref: JSON.stringify([epoch, requestId]) };
}

function toPayload(method: string, params: unknown): Payload {
  const translate = TRANSLATORS.get(method);
  const known = method === 'rawResponseItem/completed' ? withoutInternals(params) : params;
  const payload = translate ? translate(known) : known;
  return typeof payload === 'object' && payload !== null ? (payload as Payload) : {};
}

/** The engine's notes to itself are of a form that its schema does not tell (0.169.0). */
function withoutInternals(params: unknown): unknown {
  const { item, ...others } = params as { item?: Payload };
  const kept = Object.entries(item ?? {}).filter(([key]) => key !== 'internal_chat_message_metadata_passthrough');
  return { ...others, item: Object.fromEntries(kept) };
}
