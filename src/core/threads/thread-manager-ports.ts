import { type ApprovalIndex } from '../approvals/approval-index.js';
import { type Attachments } from '../attachments/attachments.js';
import { type Engine } from '../engine/engine.js';
import { type EventRecorder } from '../events/event-recorder.js';
import { type Log } from '../log.js';
import { type ConfigPolicy } from '../permissions/config-policy.js';
import { type TurnIndex } from '../turns/turn-index.js';
import { type TurnObserver } from '../turns/turn-observer.js';
import { type Workspace } from '../workspace/workspace.js';
import { type ThreadIndex } from './thread-index.js';

export interface ThreadManagerOptions {
  approvalTimeoutMs: number;
  maxQueuedTurns: number;
  /** Past this many, threads in which nothing happens are forgotten; the next use opens them again. */
  maxLiveThreads: number;
}

export interface ThreadManagerPorts {
  engine: Engine;
  recorder: EventRecorder;
  threads: ThreadIndex;
  turns: TurnIndex;
  approvals: ApprovalIndex;
  uploads: Attachments;
  turnObserver: TurnObserver;
  workspace: Workspace;
  configPolicy: ConfigPolicy;
  log: Log;
}

/** What a caller may say of a new thread beside what the engine makes of it. */
export interface ThreadLabels {
  name?: string;
  metadata?: Readonly<Record<string, string>>;
}
