import { type EngineStatsReading } from '../../core/engine/engine-stats.js';
import { ServiceError } from '../../core/errors.js';
import { type Log } from '../../core/log.js';
import { type RpcId, type RpcPeer } from '../rpc/rpc-peer.js';
import { EngineHost, type HostKind } from './engine-host.js';
import { type EngineCommand } from './engine-process.js';
import { Orphans } from './orphans.js';
import { chooseHost } from './placement.js';
import { NotificationDeduplicator } from './notification-deduplicator.js';
import { Supervisor } from './supervisor.js';
import { toStats } from './to-stats.js';

/** A replacement says what its predecessor said at its own start, for about as long. */
const BEGINNING_MS = 5_000;

export interface PoolHandlers {
  started: () => void;
  /** A process is gone; `threadIds` is what it had loaded. */
  died: (reason: string, threadIds: ReadonlySet<string>) => void;
  /** These threads are to leave the process that has them as soon as nothing runs in them. */
  retiring: (threadIds: ReadonlySet<string>) => void;
  notification: (epoch: number, method: string, params: unknown) => void;
  /** `epoch` tells the processes apart: an answer to an earlier one's request must not reach a later one. */
  request: (epoch: number, id: RpcId, method: string, params: unknown) => void;
}

export interface PoolOptions {
  /** How many processes there are. */
  count: number;
  command: EngineCommand;
  /** How processes for bare models are started: as many as the others, once the first of such threads comes. */
  toModelCommand: () => EngineCommand;
  clientInfo: { name: string; title: string; version: string };
  log: Log;
  serverMark: string;
  /** After how long a process that was replaced is ended although idle threads are still in it. */
  retireTimeoutMs: number;
}

export interface CallOptions {
  timeoutMs: number;
  /** For a thread that no process has in memory: what it is. Agents, unless given. */
  kind?: HostKind;
}

/** The engine's processes. Each keeps its threads, so that the end of one touches no other's. */
export class EnginePool {
  readonly orphans: Orphans;
  #hosts: EngineHost[];
  /** Replaced, and not ended yet; and replacements that are not ready yet. */
  readonly #retiring = new Set<EngineHost>();
  readonly #coming = new Set<EngineHost>();
  readonly #news = new NotificationDeduplicator();
  /** Settles when there are processes for bare models; undefined as long as none was asked for. */
  #modelHosts: Promise<void> | undefined;
  #epochs = 0;
  #recycles = 0;
  #restarts = 0;
  #isStopping = false;
  #isHeld = false;

  constructor(
    private readonly options: PoolOptions,
    private readonly handlers: PoolHandlers,
  ) {
    this.orphans = new Orphans(options.serverMark, options.log);
    this.#hosts = Array.from({ length: options.count }, (_, place) => this.#host(place, 'agent'));
  }

  get unavailability(): string | undefined {
    const isAnyReady = this.#hosts.some(({ kind, supervisor }) => kind === 'agent' && supervisor.isReady);
    return isAnyReady ? undefined : this.#hosts[0]?.supervisor.unavailability;
  }

  /** Those in use, by their places. */
  get hosts(): readonly EngineHost[] {
    return this.#hosts;
  }

  /** The same, and those that were replaced but have not ended. */
  get all(): readonly EngineHost[] {
    return [...this.#hosts, ...this.#retiring];
  }

  /** What earlier runs left behind is ended first. Rejects when a process can't be started even once. */
  async start(): Promise<void> {
    await this.orphans.endAll();
    // The first one brings the engine's own database up to date; several at once would get in each other's way.
    for (const { supervisor } of this.#hosts.slice(0, 1)) {
      await supervisor.start();
    }
    await Promise.all(this.#hosts.slice(1).map(({ supervisor }) => supervisor.start()));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.all, ...this.#coming].map(({ supervisor }) => supervisor.stop()));
    await this.orphans.endAll();
  }

  /** Nothing more is read of what the processes say, or it is again; those that are started meanwhile are as the others. */
  hold(isHeld: boolean): void {
    if (isHeld !== this.#isHeld) {
      this.#isHeld = isHeld;
      const text = isHeld ? 'The engine is held: what it says can not be stored fast enough.' : 'The engine goes on.';
      this.options.log.write(isHeld ? 'warn' : 'info', text);
      for (const { supervisor } of [...this.all, ...this.#coming]) {
        supervisor.hold(isHeld);
      }
    }
  }

  /** Asks the process that has the request's thread, or the one that is best for it. */
  async call(method: string, params: unknown, { timeoutMs, kind = 'agent' }: CallOptions): Promise<unknown> {
    if (kind === 'model') {
      await this.#withModelHosts();
    }
    const host = chooseHost({ current: this.#hosts, all: this.all }, { method, params, kind });
    const result = await host.call(method, params, timeoutMs);
    if (method === 'account/logout') {
      this.#accountChanged(host);
    }
    return result;
  }

  /**
   * The same, and then tells the other processes that are there, save for those of bare models, which are to take up nothing
   * of it; what they answer is of no account.
   */
  async callAll(method: string, params: { own: unknown; others: unknown }, timeoutMs: number): Promise<unknown> {
    const host = chooseHost({ current: this.#hosts, all: this.all }, { method, params: params.own });
    const result = await host.call(method, params.own, timeoutMs);
    const others = this.all.filter((other) => other !== host && other.kind === 'agent' && other.supervisor.isReady);
    await Promise.all(
      others.map((other) =>
        other.call(method, params.others, timeoutMs).catch((error: unknown) => {
          const { pid: enginePid } = other.supervisor;
          this.options.log.write('warn', 'An engine process was not told.', {
            method,
            enginePid,
            err: error,
          });
        }),
      ),
    );
    return result;
  }

  /** The process that has the thread in memory. */
  hostOf(threadId: string): EngineHost | undefined {
    return this.all.find(({ activity }) => activity.threads.has(threadId));
  }

  /** The peer of the process of that epoch, if it is still there. */
  peerOf(epoch: number): RpcPeer | undefined {
    return this.all.map(({ supervisor }) => supervisor.peerOf(epoch)).find((peer) => peer !== undefined);
  }

  /**
   * Puts a fresh process in the place of this one, which ends when the last turn in it has. Resolves with whether that is
   * under way.
   */
  async replace(host: EngineHost, reason: string): Promise<boolean> {
    const { place, supervisor, kind } = host;
    this.options.log.write('info', 'An engine process is replaced.', { place, enginePid: supervisor.pid, reason });
    const fresh = this.#host(place, kind);
    if (!(await this.#started(fresh)) || this.#isStopping || this.#hosts[place] !== host) {
      await fresh.supervisor.stop();
      return false;
    }
    fresh.isReplacement = true;
    this.#hosts[place] = fresh;
    this.#recycles += 1;
    this.#restarts += supervisor.restarts;
    this.#retiring.add(host);
    supervisor.retire();
    this.handlers.retiring(new Set(host.activity.threads));
    this.#endWhenDone(host).catch((error: unknown) => {
      this.options.log.write('error', 'A replaced engine process was not ended.', { err: error });
    });
    return true;
  }

  /** Says again which threads are to move: some may have been on their way into a process when it was replaced. */
  remind(): void {
    for (const { activity } of this.#retiring) {
      if (activity.threads.size > 0) {
        this.handlers.retiring(new Set(activity.threads));
      }
    }
  }

  readStats(): EngineStatsReading {
    const restarts = this.#hosts.reduce((sum, { supervisor }) => sum + supervisor.restarts, this.#restarts);
    return {
      processes: this.all.map((host) => toStats(host, this.#retiring.has(host))),
      restarts,
      recycles: this.#recycles,
      orphansEnded: this.orphans.ended,
    };
  }

  /** Has those for bare models started, unless they are there. One that could not be started is tried again with the next call. */
  #withModelHosts(): Promise<void> {
    this.#modelHosts ??= this.#startModelHosts().catch((error: unknown) => {
      this.#modelHosts = undefined;
      throw error;
    });
    return this.#modelHosts;
  }

  /** They have the places after the others. */
  async #startModelHosts(): Promise<void> {
    if (this.#isStopping) {
      throw new ServiceError('engine_unavailable', 'The server is shutting down.');
    }
    const { count, log } = this.options;
    const hosts = Array.from({ length: count }, (_, index) => this.#host(count + index, 'model'));
    this.#hosts.push(...hosts);
    try {
      await Promise.all(hosts.map(({ supervisor }) => supervisor.start()));
    } catch (cause) {
      log.write('error', 'An engine process for bare models could not be started.', { err: cause });
      this.#hosts = this.#hosts.filter(({ kind }) => kind === 'agent');
      await Promise.all(hosts.map(({ supervisor }) => supervisor.stop()));
      const message = 'The engine process for bare models could not be started. Try again soon.';
      throw new ServiceError('engine_unavailable', message, { cause, retryAfterSeconds: 2 });
    }
  }

  #host(place: number, kind: HostKind): EngineHost {
    const { clientInfo, log, serverMark } = this.options;
    const command = kind === 'model' ? this.options.toModelCommand() : this.options.command;
    const nextEpoch = (): number => (this.#epochs += 1);
    const supervisor: Supervisor = new Supervisor(
      { command, clientInfo, log, serverMark, orphans: this.orphans, nextEpoch },
      {
        started: this.handlers.started,
        died: (reason) => {
          this.handlers.died(reason, host.takeThreads());
        },
        notification: (method, params) => {
          this.#notified(host, method, params);
        },
        request: this.handlers.request,
      },
    );
    supervisor.hold(this.#isHeld);
    const host = new EngineHost(place, supervisor, kind);
    return host;
  }

  async #started(fresh: EngineHost): Promise<boolean> {
    this.#coming.add(fresh);
    try {
      await fresh.supervisor.start();
      return true;
    } catch (error) {
      this.options.log.write('error', 'A fresh engine process could not be started.', { err: error });
      return false;
    } finally {
      this.#coming.delete(fresh);
    }
  }

  async #endWhenDone(host: EngineHost): Promise<void> {
    await host.activity.whenDone(this.options.retireTimeoutMs);
    const left = host.takeThreads();
    if (left.size > 0) {
      this.handlers.died('The engine process was replaced.', left);
    }
    await host.supervisor.stop();
    this.#retiring.delete(host);
  }

  #notified(host: EngineHost, method: string, params: unknown): void {
    const { place, supervisor, isReplacement } = host;
    host.activity.hear(method, params);
    if (method === 'account/login/completed' && (params as { success?: unknown }).success === true) {
      this.#accountChanged(host);
    }
    if (this.#news.isNews(method, params, { place, isBeginning: isReplacement && supervisor.ageMs < BEGINNING_MS })) {
      this.handlers.notification(supervisor.epoch, method, params);
    }
  }

  /** The others know the account as it was when they began: fresh ones take their places, and threads leave them at once. */
  #accountChanged(knowing: EngineHost): void {
    for (const host of this.#hosts.filter((other) => other !== knowing)) {
      host.isStale = true;
      this.handlers.retiring(new Set(host.activity.threads));
      void this.replace(host, 'The account was changed.');
    }
  }
}
