import { type Payload } from '../../../core/engine/engine.js';
import { type ServiceEvent } from '../../../core/events/catalogue.js';
import { type EventMsg } from './event-msg.js';
import { asInteger, asList, asPayload, asText, asTextOrNull, toTokenUsage } from './from-payload.js';

/** What is said of a turn as a whole, save for its end; `undefined` for everything else. */
export function toTurnMsg({ type, payload }: ServiceEvent): EventMsg | undefined {
  switch (type) {
    case 'turn/started':
      return { type: 'task_started', turn_id: asText(payload.turn_id), model_context_window: null };
    case 'turn/diff/updated':
      return { type: 'turn_diff', unified_diff: payload.diff };
    case 'turn/plan/updated':
      return toPlan(payload);
    case 'thread/tokenUsage/updated':
      return toTokenCount(payload.token_usage);
    case 'error':
      return toFailure(payload);
    case 'warning':
      return { type: 'warning', message: payload.message };
    case 'approval/expired':
      return { type: 'warning', message: 'Nobody answered in time, so the request was declined.' };
    case 'engine/restarted':
      return { type: 'error', message: asText(payload.reason), codex_error_info: 'other' };
    default:
      return undefined;
  }
}

function toPlan(payload: Payload): EventMsg {
  const plan = asList(payload.plan).map((value) => {
    const { step, status } = asPayload(value);
    return { step: asText(step), status: asText(status) };
  });
  return { type: 'plan_update', explanation: asTextOrNull(payload.explanation), plan };
}

function toTokenCount(usage: Payload): EventMsg {
  const window = usage.model_context_window;
  const info = {
    total_token_usage: toTokenUsage(usage.total),
    last_token_usage: toTokenUsage(usage.last),
    model_context_window: typeof window === 'number' ? asInteger(window) : null,
  };
  return { type: 'token_count', info, rate_limits: null };
}

function toFailure(payload: Payload): EventMsg {
  const error = asPayload(payload.error);
  const failure = { message: asText(error.message), codex_error_info: error.codex_error_info ?? null };
  return payload.will_retry === true
    ? { type: 'stream_error', ...failure, additional_details: asTextOrNull(error.additional_details) }
    : { type: 'error', ...failure };
}
