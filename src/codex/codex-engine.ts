import { isDeepStrictEqual } from 'node:util';
import { Subject } from 'rxjs';
import { type ApprovalAnswer } from '../core/approvals/approval-answer.js';
import {
  Engine,
  type EngineQuestion,
  type EngineSignal,
  type EngineThread,
  type EngineThreadQuery,
  type EngineTurn,
  type ForkPoint,
  type Payload,
  type StartTurn,
  type ThreadOptions,
} from '../core/engine/engine.js';
import { type Log } from '../core/log.js';
import { type Page } from '../core/threads/thread-index.js';
import { type HistoryQuery } from '../core/turns/turn-index.js';
import { toEngineResponse } from './answers.js';
import { EngineClient } from './engine-client.js';
import { isBeforeFirstTurn } from './engine-errors.js';
import { toResumeParams, toThreadParams, toTurnParams, toUserInput } from './engine-params.js';
import { type LoadedThread, toEngineThread, toEngineTurn, toLoadedThread } from './engine-views.js';
import { type EngineCommand } from './process/engine-process.js';
import { Supervisor } from './process/supervisor.js';
import { type Thread, type Turn } from './protocol/generated/types.js';
import { toCamel } from './protocol/translate.js';
import { type RpcId } from './rpc/rpc-peer.js';
import { RPC_METHOD_NOT_FOUND } from './rpc/rpc-error.js';
import { toNotification, toQuestion, toQuestionClosed } from './signals.js';

/** What somebody began, whatever client they used: an agent's own helpers are not listed. */
const LISTED_SOURCES = ['cli', 'vscode', 'exec', 'appServer', 'unknown'];

export interface CodexEngineOptions {
  command: EngineCommand;
  version: string;
  log: Log;
  /** For new threads, where their caller says nothing else. */
  threadDefaults?: ThreadOptions;
}

/** The Codex engine: `codex app-server` as a child process, over its JSON-RPC on stdio. */
export class CodexEngine extends Engine {
  readonly #signals = new Subject<EngineSignal>();
  readonly signals = this.#signals.asObservable();
  readonly #supervisor: Supervisor;
  /** For what the engine does beside running threads. */
  readonly client: EngineClient;

  constructor(private readonly options: CodexEngineOptions) {
    super();
    const { command, log, version } = options;
    const clientInfo = { name: 'codex_web_server', title: 'Codex Web Server', version };
    this.#supervisor = new Supervisor(
      { command, log, clientInfo },
      {
        started: () => {
          this.#signals.next({ type: 'started' });
        },
        died: (reason) => {
          this.#signals.next({ type: 'died', reason });
        },
        notification: (method, params) => {
          this.#notified(method, params);
        },
        request: (epoch, id, method, params) => {
          this.#asked({ epoch, id }, method, params);
        },
      },
    );
    this.client = new EngineClient(this.#supervisor);
  }

  override get unavailability(): string | undefined {
    return this.#supervisor.unavailability;
  }

  /** The running process, for whoever watches its memory. */
  get pid(): number | undefined {
    return this.#supervisor.pid;
  }

  override async start(): Promise<void> {
    await this.#supervisor.start();
  }

  override async stop(): Promise<void> {
    await this.#supervisor.stop();
  }

  override async createThread(options: ThreadOptions): Promise<EngineThread> {
    const params = toThreadParams({ ...this.options.threadDefaults, ...options });
    return toLoadedThread(await this.client.call<LoadedThread>('thread/start', params));
  }

  override async resumeThread(threadId: string, options: ThreadOptions): Promise<EngineThread> {
    const params = { threadId, ...toResumeParams(options) };
    return this.#withPolicy(await this.client.call<LoadedThread>('thread/resume', params), options);
  }

  override async forkThread(threadId: string, point: ForkPoint, options: ThreadOptions): Promise<EngineThread> {
    const { lastEngineTurnId: lastTurnId } = point;
    const params = { threadId, ...toResumeParams(options), ...(lastTurnId === undefined ? {} : { lastTurnId }) };
    return this.#withPolicy(await this.client.call<LoadedThread>('thread/fork', params), options);
  }

  override async unloadThread(threadId: string): Promise<void> {
    await this.client.call('thread/unsubscribe', { threadId });
  }

  override async readThread(threadId: string): Promise<EngineThread> {
    const { thread } = await this.client.call<{ thread: Thread }>('thread/read', { threadId, includeTurns: false });
    return toEngineThread(thread);
  }

  override async listThreads({ archived, cursor, limit }: EngineThreadQuery): Promise<Page<EngineThread>> {
    const page = { archived, cursor: cursor ?? null, limit };
    const params = { ...page, useStateDbOnly: true, modelProviders: [], sourceKinds: LISTED_SOURCES };
    const { data, nextCursor } = await this.client.call<{ data: Thread[]; nextCursor: string | null }>(
      'thread/list',
      params,
    );
    return { data: data.map(toEngineThread), nextCursor };
  }

  override async startReview(threadId: string, target: Payload): Promise<string> {
    const { turn } = await this.client.call<{ turn: Turn }>('review/start', {
      threadId,
      target: toCamel('ReviewTarget', target),
      delivery: 'inline',
    });
    return turn.id;
  }

  override async archiveThread(threadId: string): Promise<void> {
    await this.client.call('thread/archive', { threadId });
  }

  override async unarchiveThread(threadId: string): Promise<void> {
    await this.client.call('thread/unarchive', { threadId });
  }

  override async renameThread(threadId: string, name: string): Promise<void> {
    await this.client.call('thread/name/set', { threadId, name });
  }

  override async deleteThread(threadId: string): Promise<void> {
    await this.client.call('thread/delete', { threadId });
  }

  override async revertThread(threadId: string, beforeTurnId: string): Promise<void> {
    await this.client.call('thread/revert', { threadId, beforeTurnId });
  }

  override async compactThread(threadId: string): Promise<void> {
    await this.client.call('thread/compact/start', { threadId });
  }

  override async startTurn(threadId: string, { clientTurnId, input, options }: StartTurn): Promise<string> {
    const params = { threadId, clientUserMessageId: clientTurnId, input: toUserInput(input), ...toTurnParams(options) };
    const { turn } = await this.client.call<{ turn: Turn }>('turn/start', params);
    return turn.id;
  }

  override async steerTurn(threadId: string, turnId: string, input: readonly unknown[]): Promise<void> {
    await this.client.call('turn/steer', { threadId, expectedTurnId: turnId, input: toUserInput(input) });
  }

  /** The engine ends the turn but leaves its commands running; whoever interrupts wants them ended too. */
  override async interruptTurn(threadId: string, turnId: string): Promise<void> {
    await this.client.call('turn/interrupt', { threadId, turnId });
    await this.client.call('thread/backgroundTerminals/clean', { threadId });
  }

  override async listTurns(threadId: string, query: HistoryQuery): Promise<Page<EngineTurn>> {
    const { limit, sortDirection, cursor } = query;
    const params = { threadId, limit, sortDirection, cursor: cursor ?? null, itemsView: 'full' };
    try {
      const page = await this.client.call<{ data: Turn[]; nextCursor: string | null }>('thread/turns/list', params);
      return { data: page.data.map(toEngineTurn), nextCursor: page.nextCursor };
    } catch (error) {
      if (isBeforeFirstTurn(error)) {
        return { data: [], nextCursor: null };
      }
      throw error;
    }
  }

  override prepareAnswer(question: EngineQuestion, answer: ApprovalAnswer): () => void {
    const response = toEngineResponse(question, answer);
    return () => {
      const { epoch, id } = parseRef(question.ref);
      this.#supervisor.peerOf(epoch)?.respond(id, response);
    };
  }

  /** Loading knows sandboxes by a word only; a policy that differs from what it made of the word is set afterwards. */
  async #withPolicy(loaded: LoadedThread, { sandbox_policy: policy }: ThreadOptions): Promise<EngineThread> {
    const thread = toLoadedThread(loaded);
    if (policy === undefined || isDeepStrictEqual(policy, thread.sandbox)) {
      return thread;
    }
    const threadId = thread.engineThreadId;
    await this.client.call('thread/settings/update', { threadId, ...toTurnParams({ sandbox_policy: policy }) });
    return { ...thread, sandbox: policy };
  }

  #notified(method: string, params: unknown): void {
    this.#signals.next(toNotification(method, params));
    const closed = toQuestionClosed(method, params, this.#supervisor.epoch);
    if (closed) {
      this.#signals.next(closed);
    }
  }

  #asked(from: { epoch: number; id: RpcId }, method: string, params: unknown): void {
    const peer = this.#supervisor.peerOf(from.epoch);
    const question = toQuestion(method, params, toRef(from));
    if (question) {
      this.#signals.next(question);
    } else if (method === 'currentTime/read') {
      peer?.respond(from.id, { currentTimeAt: Math.floor(Date.now() / 1000) });
    } else {
      peer?.respondError(from.id, RPC_METHOD_NOT_FOUND, `${method} is not served by this client.`);
    }
  }
}

function toRef({ epoch, id }: { epoch: number; id: RpcId }): string {
  return JSON.stringify([epoch, id]);
}

function parseRef(ref: string): { epoch: number; id: RpcId } {
  const [epoch, id] = JSON.parse(ref) as [number, RpcId];
  return { epoch, id };
}
