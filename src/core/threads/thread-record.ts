import { type ApprovalPolicy, type SandboxPolicy, type ThreadOptions } from '../engine/options.js';

/** A thread as it is stored. The live parts (status, active turn, last event) are `Thread`'s. */
export interface ThreadRecord {
  threadId: string;
  /** The engine's own id. It differs when a thread without a turn had to be started again after the engine died. */
  engineThreadId: string;
  name: string | null;
  /** The beginning of the first message. */
  preview: string;
  model: string | null;
  modelProvider: string | null;
  cwd: string | null;
  /** `untrusted | on-request | never`, or the engine's granular object. */
  approvalPolicy: ApprovalPolicy | null;
  /** The sandbox policy in force, as the engine reports it. */
  sandbox: SandboxPolicy | null;
  reasoningEffort: string | null;
  /** RFC 3339, UTC, milliseconds. */
  createdAt: string;
  updatedAt: string;
  archived: boolean;
  /** `archived` is this service's own word: the engine has no file of the thread that it could move. */
  isArchivedHere?: boolean;
  ephemeral: boolean;
  forkedFromId: string | null;
  /** The caller's own. */
  metadata: Readonly<Record<string, string>>;
  /** `{total, last, model_context_window}`, as last reported. */
  tokenUsage: unknown;
  gitInfo: unknown;
  /** What it was created with, so that a thread without a turn can be started again. */
  options: ThreadOptions;
  /** Whether the engine has it on its disk, which it does from the first turn on. */
  isMaterialized: boolean;
  /** The operation of the keyed request that made it, by which its retry finds it. */
  madeBy?: string;
  /** The operation of the keyed request that last rolled it back. */
  rolledBackBy?: string;
  /** Whether another Codex client made it; its history is then read from the engine. */
  isForeign: boolean;
  /** Whether its history is read from the engine for another reason: it was forked from such a thread. */
  hasEngineHistory?: boolean;
}
