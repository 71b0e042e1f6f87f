import { type EngineThread, type EngineTurn, type Payload } from '../core/engine/engine.js';
import { type ApprovalPolicy, type SandboxPolicy } from '../core/engine/options.js';
import {
  type AskForApproval,
  type SandboxPolicy as EnginePolicy,
  type Thread,
  type Turn,
} from './protocol/generated/types.js';
import { snakeTranslator } from './protocol/translate.js';

const itemToSnake = snakeTranslator('ThreadItem');
const errorToSnake = snakeTranslator('TurnError');
const sandboxToSnake = snakeTranslator('SandboxPolicy');
const gitInfoToSnake = snakeTranslator('GitInfo');
const approvalToSnake = snakeTranslator('AskForApproval');

/** What `thread/start`, `thread/resume` and `thread/fork` answer. */
export interface LoadedThread {
  thread: Thread;
  model: string;
  modelProvider: string;
  cwd: string;
  approvalPolicy: AskForApproval;
  sandbox: EnginePolicy;
  reasoningEffort: string | null;
}

export function toEngineThread(thread: Thread): EngineThread {
  return {
    engineThreadId: thread.id,
    name: thread.name,
    preview: thread.preview,
    model: thread.model,
    modelProvider: thread.modelProvider,
    cwd: thread.cwd,
    reasoningEffort: thread.reasoningEffort,
    createdAt: fromUnixSeconds(thread.createdAt) ?? new Date(0).toISOString(),
    updatedAt: fromUnixSeconds(thread.updatedAt) ?? new Date(0).toISOString(),
    ephemeral: thread.ephemeral,
    forkedFromEngineId: thread.forkedFromId,
    gitInfo: gitInfoToSnake(thread.gitInfo),
    isLoaded: thread.status.type !== 'notLoaded',
  };
}

export function toLoadedThread(loaded: LoadedThread): EngineThread {
  const { model, modelProvider, cwd, approvalPolicy, sandbox, reasoningEffort } = loaded;
  return {
    ...toEngineThread(loaded.thread),
    model,
    modelProvider,
    cwd,
    reasoningEffort,
    approvalPolicy: approvalToSnake(approvalPolicy) as ApprovalPolicy,
    sandbox: sandboxToSnake(sandbox) as SandboxPolicy,
    isLoaded: true,
  };
}

const TURN_STATUS = {
  completed: 'completed',
  interrupted: 'interrupted',
  failed: 'failed',
  inProgress: 'in_progress',
} as const;

export function toEngineTurn(turn: Turn): EngineTurn {
  const items = turn.items.map((item) => itemToSnake(item) as Payload);
  const clientIds = items.filter((item) => item.type === 'user_message').map((item) => item.client_id);
  const clientTurnId = clientIds.find((id) => typeof id === 'string');
  return {
    engineTurnId: turn.id,
    status: TURN_STATUS[turn.status],
    error: errorToSnake(turn.error),
    startedAt: fromUnixSeconds(turn.startedAt),
    completedAt: fromUnixSeconds(turn.completedAt),
    durationMs: turn.durationMs,
    items,
    clientTurnId: typeof clientTurnId === 'string' ? clientTurnId : null,
  };
}

function fromUnixSeconds(seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString();
}
