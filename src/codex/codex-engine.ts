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
  type SteerInput,
} from '../core/engine/engine.js';
import { type ThreadOptions } from '../core/engine/options.js';
import { type EngineStats } from '../core/engine/engine-stats.js';
import { unless } from '../core/errors.js';
import { type Page } from '../core/threads/thread-index.js';
import { unreadable } from '../core/threads/unreadable.js';
import { type HistoryQuery } from '../core/turns/turn-index.js';
import { Announcements } from './announcements.js';
import { toEngineResponse } from './answers.js';
import { ProviderNames } from './config/provider-names.js';
import { clearRollout, isUnreadable } from './delete-unreadable.js';
import { EngineClient } from './engine-client.js';
import { toServiceError } from './engine-errors.js';
import { toResumeParams, toThreadParams, toTurnParams, toUserInput } from './engine-params.js';
import { type LoadedThread, toEngineThread, toLoadedThread } from './engine-views.js';
import { toServerMark } from './process/engine-mark.js';
import { EnginePool } from './process/engine-pool.js';
import { PoolStats } from './process/pool-stats.js';
import { parseRef, toRef } from './question-ref.js';
import { type CodexEngineOptions } from './codex-engine-options.js';
import { type EngineCommand } from './process/engine-process.js';
import { EngineWatch } from './process/engine-watch.js';
import { type Thread, type Turn } from './protocol/generated/types.js';
import { toCamel } from './protocol/translate.js';
import { type RpcId } from './rpc/rpc-peer.js';
import { RPC_METHOD_NOT_FOUND } from './rpc/rpc-error.js';
import { TurnPages } from './turn-pages.js';
import { toNotification, toQuestion, toQuestionClosed } from './signals.js';
import { SandboxConfigReader } from './start/sandbox-config.js';
import { SettingsNews } from './start/settings-news.js';
import { ThreadModes } from './start/thread-modes.js';
import { HiddenKeys } from './hidden-keys.js';
import { ThreadStarter } from './start/thread-starter.js';

/** What somebody began, whatever client they used: an agent's own helpers are not listed. */
const LISTED_SOURCES = ['cli', 'vscode', 'exec', 'appServer', 'unknown'];

/** The Codex engine: `codex app-server` as one or more child processes, over its JSON-RPC on stdio. */
export class CodexEngine extends Engine {
  readonly #signals = new Subject<EngineSignal>();
  readonly signals = this.#signals.asObservable();
  readonly #pool: EnginePool;
  readonly #watch: EngineWatch;
  readonly #names: ProviderNames;
  readonly #keys: HiddenKeys;
  readonly #announcements = new Announcements();
  readonly #turnPages: TurnPages;
  readonly #settings = new SettingsNews();
  readonly #starter: ThreadStarter;
  readonly #modes: ThreadModes;
  /** For what the engine does beside running threads. */
  readonly client: EngineClient;
  readonly stats: EngineStats;

  constructor(private readonly options: CodexEngineOptions) {
    super();
    const { command, log, version, processes: count, dataDir, retireTimeoutMs } = options;
    const clientInfo = { name: options.clientName ?? 'codex_web_server', title: 'Codex Web Server', version };
    const serverMark = toServerMark(dataDir);
    this.#pool = new EnginePool(
      { count, command, toModelCommand: () => this.#toModelCommand(), log, clientInfo, serverMark, retireTimeoutMs },
      {
        started: () => {
          this.#signals.next({ type: 'started' });
        },
        died: (reason, engineThreadIds) => {
          this.#settings.lost(engineThreadIds);
          this.#announcements.lost(engineThreadIds);
          this.#signals.next({ type: 'died', reason, engineThreadIds });
        },
        retiring: (engineThreadIds) => {
          this.#signals.next({ type: 'retiring', engineThreadIds });
        },
        notification: (epoch, method, params) => {
          this.#notified(epoch, method, params);
        },
        request: (epoch, id, method, params) => {
          this.#asked({ epoch, id }, method, params);
        },
      },
    );
    this.#watch = new EngineWatch(this.#pool, options.watch, log);
    this.#names = options.providerNames ?? new ProviderNames();
    const { configPath, guard } = options;
    this.#keys = new HiddenKeys(options.command.env);
    this.client = new EngineClient(this.#pool, { configPath, guard, names: this.#names });
    this.#turnPages = new TurnPages(this.client, this.#keys);
    this.stats = new PoolStats(this.#pool);
    this.#modes = new ThreadModes(this.client);
    this.#starter = new ThreadStarter({
      configs: new SandboxConfigReader(this.client, options.configPath),
      news: this.#settings,
      unload: (threadId) => this.unloadThread(threadId),
      requireAllowed: (sandbox, cwd) => guard?.requireAllowed(sandbox, cwd),
    });
  }

  override get unavailability(): string | undefined {
    const { fault } = this.client.config.health;
    return this.#pool.unavailability ?? (fault === undefined ? undefined : `Its configuration is at fault: ${fault}`);
  }

  override async start(): Promise<void> {
    await this.#pool.start();
    await this.client.config.health.check();
    await this.#watch.start();
  }

  override async stop(): Promise<void> {
    this.#watch.stop();
    await this.#pool.stop();
  }

  override hold(isHeld: boolean): void {
    this.#pool.hold(isHeld);
  }

  override async createThread(options: ThreadOptions): Promise<EngineThread> {
    return this.#modes.load({ ...this.options.threadDefaults, ...options }, async (whole, client) => {
      const params = toThreadParams(whole);
      return toLoadedThread(await this.#announcements.during(() => this.#starter.start(params, client)));
    });
  }

  override async resumeThread(threadId: string, options: ThreadOptions): Promise<EngineThread> {
    return this.#modes.load(options, async (whole, client) => {
      const params = { threadId, ...toResumeParams(whole) };
      return this.#withPolicy(await client.call<LoadedThread>('thread/resume', params), options);
    });
  }

  override async forkThread(threadId: string, point: ForkPoint, options: ThreadOptions): Promise<EngineThread> {
    const { lastEngineTurnId: lastTurnId } = point;
    return this.#modes.load(options, async (whole, client) => {
      const params = { threadId, ...toResumeParams(whole), ...(lastTurnId === undefined ? {} : { lastTurnId }) };
      const fork = (): Promise<LoadedThread> => client.call('thread/fork', params);
      return this.#withPolicy(await this.#announcements.during(fork), options);
    });
  }

  override async unloadThread(threadId: string): Promise<void> {
    try {
      await this.#pool.hostOf(threadId)?.unload(threadId);
    } catch (error) {
      throw toServiceError(error);
    }
  }

  override async hasBackgroundWork(threadId: string): Promise<boolean> {
    try {
      return (await this.#pool.hostOf(threadId)?.hasBackgroundWork(threadId)) ?? false;
    } catch (error) {
      const failure = toServiceError(error);
      unless('thread_not_found')(failure);
      return false;
    }
  }

  override async readThread(threadId: string): Promise<EngineThread> {
    const read = this.client.call<{ thread: Thread }>('thread/read', { threadId, includeTurns: false });
    return toEngineThread((await read.catch(unreadable({ isMaterialized: false }))).thread);
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
    const remove = (): Promise<unknown> => this.client.call('thread/delete', { threadId });
    await remove().catch(async (error: unknown) => {
      if (!isUnreadable(error)) {
        throw error;
      }
      await clearRollout(this, this.options.command.env.CODEX_HOME ?? '', threadId);
      await remove();
    });
  }

  override async revertThread(threadId: string, beforeTurnId: string): Promise<void> {
    await this.client.call('thread/revert', { threadId, beforeTurnId });
  }

  override async compactThread(threadId: string): Promise<void> {
    await this.client.call('thread/compact/start', { threadId });
  }

  override async injectItems(threadId: string, items: readonly Payload[]): Promise<void> {
    await this.client.call('thread/inject_items', { threadId, items });
  }

  override async startTurn(threadId: string, { clientTurnId, input, options }: StartTurn): Promise<string> {
    const params = { threadId, clientUserMessageId: clientTurnId, input: toUserInput(input), ...toTurnParams(options) };
    const { turn } = await this.client.call<{ turn: Turn }>('turn/start', params);
    return turn.id;
  }

  override async steerTurn(threadId: string, turnId: string, { clientId, input }: SteerInput): Promise<void> {
    const message = { input: toUserInput(input), ...(clientId !== undefined && { clientUserMessageId: clientId }) };
    await this.client.call('turn/steer', { threadId, expectedTurnId: turnId, ...message });
  }

  /** The engine ends the turn but leaves its commands running; whoever interrupts wants them ended too. */
  override async interruptTurn(threadId: string, turnId: string): Promise<void> {
    await this.client.call('turn/interrupt', { threadId, turnId });
    await this.client.call('thread/backgroundTerminals/clean', { threadId });
  }

  override listTurns(threadId: string, query: HistoryQuery): Promise<Page<EngineTurn>> {
    return this.#turnPages.list(threadId, query);
  }

  override findTurn(threadId: string, turnId: string): Promise<EngineTurn | undefined> {
    return this.#turnPages.find(threadId, turnId);
  }

  override prepareAnswer(question: EngineQuestion, answer: ApprovalAnswer): () => void {
    const response = toEngineResponse(question, answer);
    return () => {
      const { epoch, id } = parseRef(question.ref);
      this.#pool.peerOf(epoch)?.respond(id, response);
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

  /** Their databases are those of the other processes, so that all see the same threads. */
  #toModelCommand(): EngineCommand {
    const { command, bareHome } = this.options;
    const { CODEX_HOME: home, CODEX_SQLITE_HOME: databases = home } = command.env;
    return { ...command, env: { ...command.env, CODEX_HOME: bareHome.prepare(), CODEX_SQLITE_HOME: databases } };
  }

  #notified(epoch: number, method: string, params: unknown): void {
    if (this.options.guard?.hears(method, params) === true || this.#settings.hear(method, params)) {
      return;
    }
    this.#signals.next(toNotification(method, this.#keys.inFailures(this.#names.fromEngineMessage(params))));
    this.#announcements.hear(method, params);
    const closed = toQuestionClosed(method, params, epoch);
    if (closed) {
      this.#signals.next(closed);
    }
  }

  #asked(from: { epoch: number; id: RpcId }, method: string, params: unknown): void {
    const peer = this.#pool.peerOf(from.epoch);
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
