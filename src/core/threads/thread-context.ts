import { type ApprovalIndex } from '../approvals/approval-index.js';
import { type Attachments } from '../attachments/attachments.js';
import { type Engine, type EngineThread } from '../engine/engine.js';
import { type EventRecorder } from '../events/event-recorder.js';
import { type TurnIndex } from '../turns/turn-index.js';
import { type TurnObserver } from '../turns/turn-observer.js';
import { type Workspace } from '../workspace/workspace.js';

/** What a live thread works with; the same for all threads. */
export interface ThreadContext {
  engine: Engine;
  recorder: EventRecorder;
  turns: TurnIndex;
  approvals: ApprovalIndex;
  uploads: Attachments;
  turnObserver: TurnObserver;
  workspace: Workspace;
  /** Makes or loads a live thread in the engine; what the engine says of it meanwhile waits until it is known by its id. */
  bind: (threadId: string, load: () => Promise<EngineThread>) => Promise<EngineThread>;
  /** The server is shutting down: what waits is left for the next start. */
  isDraining: boolean;
  /** How long an approval waits for an answer. */
  approvalTimeoutMs: number;
  /** How many turns of one thread may wait. */
  maxQueuedTurns: number;
}
