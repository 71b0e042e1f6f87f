import { type EngineThread } from '../engine/engine.js';
import { type Payload } from '../engine/payload.js';
import { type ApprovalPolicy, type SandboxPolicy } from '../engine/options.js';
import { DELTAS, type Item, type ServiceEvent, withPayload } from '../events/catalogue.js';
import { clip } from '../text/clip.js';
import { type ThreadRecord } from './thread-record.js';

/** What a description of the engine's says of the record; what it leaves open stays as it is. */
export function toRecordChange(thread: EngineThread): Partial<ThreadRecord> {
  return {
    engineThreadId: thread.engineThreadId,
    model: thread.model,
    modelProvider: thread.modelProvider,
    cwd: thread.cwd,
    reasoningEffort: thread.reasoningEffort,
    gitInfo: thread.gitInfo,
    ...(thread.approvalPolicy === undefined ? {} : { approvalPolicy: thread.approvalPolicy }),
    ...(thread.sandbox === undefined ? {} : { sandbox: thread.sandbox }),
  };
}

/**
 * What an engine notification changes of the thread's record; `undefined` when nothing, as for nearly all of them.
 * Total: an unknown name or a missing key changes nothing.
 */
export function recordChange(record: ThreadRecord, event: ServiceEvent): Partial<ThreadRecord> | undefined {
  switch (event.type) {
    case 'thread/name/updated':
      return { name: asString(event.payload.thread_name) };
    case 'thread/tokenUsage/updated':
      return { tokenUsage: event.payload.token_usage };
    case 'thread/archived':
      return record.archived ? undefined : { archived: true };
    case 'thread/unarchived':
      return record.archived ? { archived: false } : undefined;
    case 'thread/settings/updated':
      return settingsChange(event.payload.thread_settings);
    case 'item/started':
      return previewChange(record, event.payload.item);
    default:
      return undefined;
  }
}

function settingsChange(settings: Payload): Partial<ThreadRecord> {
  const change: Partial<ThreadRecord> = {};
  take(change, 'model', asString(settings.model));
  take(change, 'modelProvider', asString(settings.model_provider));
  take(change, 'cwd', asString(settings.cwd));
  take(change, 'approvalPolicy', settings.approval_policy as ApprovalPolicy | undefined);
  take(change, 'sandbox', settings.sandbox_policy as SandboxPolicy | undefined);
  take(change, 'reasoningEffort', asString(settings.effort));
  return change;
}

function take<K extends keyof ThreadRecord>(
  change: Partial<ThreadRecord>,
  key: K,
  value: ThreadRecord[K] | undefined,
): void {
  if (value !== undefined && value !== null) {
    change[key] = value;
  }
}

/** Whether the engine asks the model again for an answer whose stream broke (0.169.0). */
export function isRetry(event: ServiceEvent): boolean {
  switch (event.type) {
    case 'error':
      return event.payload.will_retry === true;
    case 'warning':
      return event.payload.message.startsWith('Falling back from WebSockets');
    default:
      return false;
  }
}

const PREVIEW_CHARS = 200;

/** The first message becomes the preview, and shows that the engine now has the thread on its disk. */
function previewChange(record: ThreadRecord, item: Item): Partial<ThreadRecord> | undefined {
  if (item.type !== 'user_message' || (record.preview !== '' && record.isMaterialized)) {
    return undefined;
  }
  const parts = Array.isArray(item.content) ? (item.content as Payload[]) : [];
  const text = parts.map((part) => (part.type === 'text' ? String(part.text) : '')).join(' ');
  return { preview: record.preview || clip(text.trim(), PREVIEW_CHARS), isMaterialized: true };
}

/**
 * The event with our ids wherever the engine repeats its own below the top level of its payload (which is the
 * envelope's). Deltas carry none, and are not searched.
 */
export function withOwnIds(event: ServiceEvent, toOwn: (engineId: string) => string | undefined): ServiceEvent {
  return DELTAS.has(event.type) ? event : withPayload(event, replaceIds(event.payload, toOwn) as Payload);
}

const ID_CHARS = 36;

/** The same object where nothing in it is replaced. */
function replaceIds(value: unknown, toOwn: (engineId: string) => string | undefined): unknown {
  if (typeof value === 'string') {
    return value.length === ID_CHARS ? (toOwn(value) ?? value) : value;
  }
  if (Array.isArray(value)) {
    const parts = value.map((part) => replaceIds(part, toOwn));
    return parts.some((part, index) => part !== value[index]) ? parts : (value as unknown);
  }
  return isPayload(value) ? replaceInObject(value, toOwn) : value;
}

function replaceInObject(value: Payload, toOwn: (engineId: string) => string | undefined): Payload {
  let copy: Record<string, unknown> | undefined;
  for (const key in value) {
    const replaced = replaceIds(value[key], toOwn);
    if (replaced !== value[key]) {
      copy ??= { ...value };
      copy[key] = replaced;
    }
  }
  return copy ?? value;
}

export function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asString(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
