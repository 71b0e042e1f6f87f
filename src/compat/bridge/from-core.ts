import { type EngineView } from '../../core/engine/engine-view.js';
import { type Payload } from '../../core/engine/engine.js';
import { type TurnWithItems } from '../../core/threads/thread-history.js';
import { type ThreadRecord } from '../../core/threads/thread-record.js';
import { type TurnStatus } from '../../core/turns/turn-record.js';
import { type View } from '../../http/view.js';
import { type BridgeLoadedThreadDto } from './bridge.views.js';

/** The engine knows no turn that waits, nor one that was taken out of the queue. */
const STATUSES = {
  queued: 'in_progress',
  in_progress: 'in_progress',
  completed: 'completed',
  interrupted: 'interrupted',
  failed: 'failed',
  cancelled: 'interrupted',
} as const satisfies Record<TurnStatus, string>;

/** A turn in the engine's words, under our id. */
export function toTurn(view: EngineView, { turn, items }: TurnWithItems): Payload {
  const ours = {
    id: turn.turnId,
    root_turn_id: null,
    items: items.map((item) => JSON.parse(item) as unknown),
    items_view: 'full',
    status: STATUSES[turn.status],
    error: toError(turn.error),
    started_at: toUnixSeconds(turn.startedAt),
    completed_at: toUnixSeconds(turn.completedAt),
    duration_ms: turn.durationMs,
  };
  return view.toEngine('Turn', ours) as Payload;
}

/** What the service says itself of a failure has fewer keys than what the engine says. */
function toError(error: unknown): unknown {
  return error === null || error === undefined
    ? null
    : { codex_error_info: null, additional_details: null, misalignment: null, ...error };
}

/** What the engine says of a thread, under our ids. */
export function toThread(described: Payload, record: ThreadRecord, turns: readonly Payload[]): Payload {
  const { engineThreadId, threadId } = record;
  return {
    ...described,
    id: threadId,
    sessionId: described.sessionId === engineThreadId ? threadId : described.sessionId,
    forkedFromId: record.forkedFromId,
    preview: record.preview,
    name: record.name,
    path: null,
    turns,
  };
}

/** What the engine answers beside a thread that it has loaded. */
export function toLoadedThread(view: EngineView, thread: Payload, record: ThreadRecord): View<BridgeLoadedThreadDto> {
  return {
    thread,
    model: record.model,
    modelProvider: record.modelProvider,
    cwd: record.cwd,
    approvalPolicy: view.toEngine('AskForApproval', record.approvalPolicy ?? null),
    sandbox: view.toEngine('SandboxPolicy', record.sandbox ?? null),
    reasoningEffort: record.reasoningEffort,
  };
}

function toUnixSeconds(iso: string | null): number | null {
  return iso === null ? null : Math.floor(Date.parse(iso) / 1000);
}
