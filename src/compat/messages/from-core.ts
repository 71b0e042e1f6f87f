import { type Payload } from '../../core/engine/engine.js';
import { type ServiceEvent } from '../../core/events/catalogue.js';
import { type ThreadRecord } from '../../core/threads/thread-record.js';
import { type EventMsg } from './event-msg/event-msg.js';
import { asPayload, asText, given } from './event-msg/from-payload.js';
import { toCompleted, toDelta, toStarted } from './event-msg/item-events.js';
import { PatchEvents } from './event-msg/patch-events.js';
import { toQuestion } from './event-msg/question-events.js';
import { toTurnMsg } from './event-msg/turn-events.js';

/** Turns the events of one turn into those of this protocol, in order. What it has no word for is left out. */
export class EventTranslator {
  readonly #patches = new PatchEvents();
  #lastMessage: string | null = null;
  #hasFailed = false;

  take(event: ServiceEvent): EventMsg[] {
    const { type, payload } = event;
    const turnId = asText(payload.turn_id);
    switch (type) {
      case 'item/started':
        return this.#started(payload.item, turnId);
      case 'item/completed':
        return this.#completed(payload.item, turnId);
      case 'approval/resolved':
        return this.#patches.answered(payload, turnId);
      case 'turn/completed':
        return this.#ended(payload.turn ?? {}, turnId);
      case 'turn/cancelled':
        return [{ type: 'turn_aborted', turn_id: turnId, reason: 'interrupted' }];
      default:
        return this.#others(event);
    }
  }

  #started(item: Payload, turnId: string): EventMsg[] {
    if (item.type === 'file_change') {
      this.#patches.started(item);
      return [];
    }
    return toStarted(item, turnId);
  }

  #completed(item: Payload, turnId: string): EventMsg[] {
    if (item.type === 'file_change') {
      return this.#patches.completed(item, turnId);
    }
    if (item.type === 'agent_message') {
      this.#lastMessage = asText(item.text);
    }
    return toCompleted(item, turnId);
  }

  /** A turn that failed is complete too, as it is in the engine's own protocol, after its `error`. */
  #ended({ status, error }: Payload, turnId: string): EventMsg[] {
    if (status === 'interrupted') {
      return [{ type: 'turn_aborted', turn_id: turnId, reason: 'interrupted' }];
    }
    const isFailed = status === 'failed';
    const { message, codex_error_info: info } = asPayload(error);
    const failure: EventMsg = { type: 'error', message: asText(message), codex_error_info: info ?? null };
    const last = isFailed ? null : this.#lastMessage;
    const complete: EventMsg = { type: 'task_complete', turn_id: turnId, last_agent_message: last };
    return isFailed && !this.#hasFailed ? [failure, complete] : [complete];
  }

  #others(event: ServiceEvent): EventMsg[] {
    const told = toDelta(event) ?? toQuestion(event, (itemId) => this.#patches.asked(itemId)) ?? toTurnMsg(event);
    this.#hasFailed ||= told?.type === 'error';
    return told ? [told] : [];
  }
}

export function toSessionConfigured(record: ThreadRecord): EventMsg {
  return {
    type: 'session_configured',
    session_id: record.threadId,
    model: record.model ?? '',
    model_provider_id: record.modelProvider ?? '',
    approval_policy: record.approvalPolicy ?? null,
    sandbox_policy: toSandboxPolicy(record.sandbox),
    cwd: record.cwd ?? '',
    ...given({ reasoning_effort: record.reasoningEffort }),
    history_log_id: 0,
    history_entry_count: 0,
  };
}

/** This protocol writes the words of `config.toml`: `workspace-write`. */
function toSandboxPolicy(sandbox: unknown): { type: string } | null {
  const policy = asPayload(sandbox);
  return typeof policy.type === 'string' ? { ...policy, type: policy.type.replaceAll('_', '-') } : null;
}
