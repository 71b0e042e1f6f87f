import { type Observable } from 'rxjs';
import { type ApprovalAnswer } from '../approvals/approval-answer.js';
import { type ApprovalKind, type Decision } from '../approvals/approval.js';
import { type ServiceEvent } from '../events/catalogue.js';
import { type Page } from '../threads/thread-index.js';
import { type HistoryQuery } from '../turns/turn-index.js';
import { type ApprovalPolicy, type SandboxPolicy, type ThreadOptions, type TurnOptions } from './options.js';
import { type Payload } from './payload.js';

export { type Payload };

/** A thread as the engine describes it. */
export interface EngineThread {
  engineThreadId: string;
  name: string | null;
  preview: string;
  model: string | null;
  modelProvider: string | null;
  cwd: string | null;
  /** `undefined` where the engine does not say, which it only does for a loaded thread. */
  approvalPolicy?: ApprovalPolicy | null;
  sandbox?: SandboxPolicy | null;
  reasoningEffort: string | null;
  createdAt: string;
  updatedAt: string;
  ephemeral: boolean;
  forkedFromEngineId: string | null;
  gitInfo: unknown;
  /** Whether the engine keeps it loaded. */
  isLoaded: boolean;
}

/** A turn as the engine's history has it. */
export interface EngineTurn {
  engineTurnId: string;
  status: 'in_progress' | 'completed' | 'interrupted' | 'failed';
  error: unknown;
  startedAt: string | null;
  completedAt: string | null;
  durationMs: number | null;
  /** ThreadItems in snake_case. */
  items: readonly Payload[];
  /** The id that `startTurn` was given, when the turn was started by this service. */
  clientTurnId: string | null;
}

/** Something that the engine said without being asked. */
export interface EngineNotification {
  type: 'notification';
  event: ServiceEvent;
  engineThreadId: string | null;
  engineTurnId: string | null;
}

/** Something that the engine asks, and for whose answer it waits. */
export interface EngineQuestion {
  type: 'question';
  name: string;
  /** Names the question towards the engine; valid for as long as this engine process lives. */
  ref: QuestionRef;
  kind: ApprovalKind;
  engineThreadId: string;
  engineTurnId: string | null;
  itemId: string | null;
  availableDecisions: readonly Decision[];
  payload: Payload;
}

/** The engine no longer waits for an answer (it was answered, or its turn ended). */
export interface EngineQuestionClosed {
  type: 'question_closed';
  engineThreadId: string;
  ref: QuestionRef;
}

/** A process of the engine began, ended, or is to be replaced by another. */
export type EngineLifecycle =
  | { type: 'started' }
  /** Everything that it had loaded, which are these threads, is gone with it. */
  | { type: 'died'; reason: string; engineThreadIds: ReadonlySet<string> }
  /** These threads are to be unloaded as soon as nothing runs in them; when they are loaded again it is elsewhere. */
  | { type: 'retiring'; engineThreadIds: ReadonlySet<string> };

export type EngineSignal = EngineNotification | EngineQuestion | EngineQuestionClosed | EngineLifecycle;

/** Unique over all engine processes of this server process. */
export type QuestionRef = string;

/** Where a fork is cut, by the engine's turn ids. */
export interface ForkPoint {
  lastEngineTurnId?: string;
}

export interface EngineThreadQuery {
  archived: boolean;
  cursor?: string;
  limit: number;
}

/**
 * A coding agent. Ids are the engine's own; payloads are in the service's words. Each method rejects with a
 * `ServiceError`: `invalid_request` and its kin for what the caller did, `thread_not_found` for a thread that the engine
 * does not have, `gone` for one of which it has lost everything, `thread_unreadable` for one that it can't read, `engine_error` for a failure inside, `engine_unavailable` while no process is up, `timeout`.
 */
export abstract class Engine {
  /** Everything the engine says, in its order. Hot; one subscriber, the ThreadManager. */
  abstract readonly signals: Observable<EngineSignal>;

  /** `undefined` when requests can be made; else why not. */
  abstract get unavailability(): string | undefined;

  /** Starts the process and keeps it up until `stop`. Resolves when it is ready for the first time. */
  abstract start(): Promise<void>;
  abstract stop(): Promise<void>;
  /**
   * Takes in nothing more of what the engine says until it is called with `false`: a pipe is full soon, and the engine
   * waits. Requests that are under way have as much longer.
   */
  abstract hold(isHeld: boolean): void;

  /** The engine has said `thread/started` when this resolves. So too for a fork. */
  abstract createThread(options: ThreadOptions): Promise<EngineThread>;
  /** `sandbox_policy` in the options is the whole policy, for which `sandbox` has only a word. So too for a fork. */
  abstract resumeThread(engineThreadId: string, options: ThreadOptions): Promise<EngineThread>;
  abstract forkThread(engineThreadId: string, point: ForkPoint, options: ThreadOptions): Promise<EngineThread>;
  abstract readThread(engineThreadId: string): Promise<EngineThread>;
  abstract listThreads(query: EngineThreadQuery): Promise<Page<EngineThread>>;
  /**
   * Lets the engine forget the thread until it is resumed; what it has on its disk stays. Resolves when that is done.
   * Throws `turn_in_progress` while anything is done in the thread.
   */
  abstract unloadThread(engineThreadId: string): Promise<void>;
  /** Whether unloading the thread would end something: commands that its turns left running, agents that work for it. */
  abstract hasBackgroundWork(engineThreadId: string): Promise<boolean>;
  abstract archiveThread(engineThreadId: string): Promise<void>;
  abstract unarchiveThread(engineThreadId: string): Promise<void>;
  abstract renameThread(engineThreadId: string, name: string): Promise<void>;
  abstract deleteThread(engineThreadId: string): Promise<void>;
  /** Drops the turn and all later ones from the history; files stay as they are. */
  abstract revertThread(engineThreadId: string, beforeEngineTurnId: string): Promise<void>;
  /** Begins a turn that reviews; resolves with the engine's id for it. */
  abstract startReview(engineThreadId: string, target: Payload): Promise<string>;
  abstract compactThread(engineThreadId: string): Promise<void>;
  /** Puts items of the Responses API (`toEngineHistory`) at the end of what the model remembers of a loaded thread. */
  abstract injectItems(engineThreadId: string, items: readonly Payload[]): Promise<void>;

  /** Resolves with the engine's id for the turn once it has begun. */
  abstract startTurn(engineThreadId: string, turn: StartTurn): Promise<string>;
  abstract steerTurn(engineThreadId: string, engineTurnId: string, more: SteerInput): Promise<void>;
  abstract interruptTurn(engineThreadId: string, engineTurnId: string): Promise<void>;
  abstract listTurns(engineThreadId: string, query: HistoryQuery): Promise<Page<EngineTurn>>;
  /** One turn of the history; `undefined` where there is no such turn. */
  abstract findTurn(engineThreadId: string, engineTurnId: string): Promise<EngineTurn | undefined>;

  /**
   * Checks an answer and makes it ready to send. Throws `invalid_request` or `unprocessable` for one which does not fit
   * the question; nothing has been sent then.
   */
  abstract prepareAnswer(question: EngineQuestion, answer: ApprovalAnswer): () => void;
}

export interface SteerInput {
  /** Comes back as the `client_id` of the message. */
  clientId?: string;
  input: readonly unknown[];
}

export interface StartTurn {
  /** Comes back as `clientTurnId` in the history. */
  clientTurnId: string;
  input: readonly unknown[];
  options: TurnOptions;
}
