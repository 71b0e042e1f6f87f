import { ServiceError } from '../../core/errors.js';
import { type Log } from '../../core/log.js';
import { requireEngineVersion } from '../engine-version.js';
import { RpcPeer, type RpcHandlers, type RpcId } from '../rpc/rpc-peer.js';
import { type EngineMark, newEngineMark, withMark } from './engine-mark.js';
import { type EngineCommand, EngineProcess } from './engine-process.js';
import { type KnownEngine, type Orphans } from './orphans.js';
import { type ProcessEntry } from './process-table.js';

const RESTART_DELAYS_MS = [0, 100, 250, 500, 1000, 2000, 5000, 10_000];
/** An engine that lived this long was well: the next restart is quick again. */
const STABLE_MS = 60_000;
const INITIALIZE_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 3_000;
/** All that the engine says of a line that it can't read (0.169.0); it answers nothing. */
const UNREADABLE = 'Failed to deserialize JSONRPCMessage';

export interface SupervisorHandlers {
  started: () => void;
  died: (reason: string) => void;
  notification: (method: string, params: unknown) => void;
  /** `epoch` tells the processes apart: an answer to an earlier one's request must not reach a later one. */
  request: (epoch: number, id: RpcId, method: string, params: unknown) => void;
}

export interface SupervisorOptions {
  command: EngineCommand;
  clientInfo: { name: string; title: string; version: string };
  log: Log;
  /** Ends what a process leaves behind. */
  orphans: Orphans;
  serverMark: string;
  /** A number that no other process of this server has. */
  nextEpoch: () => number;
}

/** Keeps one engine process up: starts it, greets it, and starts it again, ever more slowly, when it dies. */
export class Supervisor {
  #process: EngineProcess | undefined;
  #peer: RpcPeer | undefined;
  #ready = Promise.withResolvers<RpcPeer>();
  /** What the process last wrote to its standard error: why it ended, as a rule. */
  #lastWords: string | undefined;
  #unavailability: string | undefined = 'The engine is starting.';
  /** Why the process is of no use, though it runs. */
  #misfit: string | undefined;
  #epoch = 0;
  #launches = 0;
  #failures = 0;
  #startedAtMs = 0;
  #isStopping = false;
  #isRetired = false;
  #isHeld = false;
  #restartTimer: NodeJS.Timeout | undefined;
  #mark: EngineMark;
  /** Kept for the case that it dies. */
  #descendants: readonly ProcessEntry[] = [];

  constructor(
    private readonly options: SupervisorOptions,
    private readonly handlers: SupervisorHandlers,
  ) {
    this.#mark = newEngineMark(options.serverMark);
  }

  get unavailability(): string | undefined {
    return this.#unavailability;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get isReady(): boolean {
    return this.#peer !== undefined;
  }

  /** How long the process has been there. */
  get ageMs(): number {
    return performance.now() - this.#startedAtMs;
  }

  /** Processes that were started after the first. */
  get restarts(): number {
    return Math.max(0, this.#launches - 1);
  }

  /** What is needed to find what the process leaves behind. */
  get known(): KnownEngine {
    return { pid: this.pid, mark: this.#mark, descendants: this.#descendants };
  }

  /** Remembers what runs below the process. */
  note(descendants: readonly ProcessEntry[]): void {
    this.#descendants = descendants;
  }

  /** Starts the engine. Rejects when even the first start fails; later ones are tried for ever. */
  async start(): Promise<void> {
    await this.#launch();
  }

  async stop(): Promise<void> {
    this.retire();
    this.#isStopping = true;
    this.#unavailability = 'The server is shutting down.';
    await this.#process?.stop(STOP_GRACE_MS);
  }

  /** Nothing more is read of what the process says, or it is again. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    // One that is being greeted is heard until it is ready.
    if (this.#peer) {
      this.#peer.hold(isHeld);
      this.#process?.hold(isHeld);
    }
  }

  /** The process is not started again when it ends. */
  retire(): void {
    this.#isRetired = true;
    clearTimeout(this.#restartTimer);
    this.#restartTimer = undefined;
  }

  /** The peer of the running process; waits a while for one that is on its way. */
  async whenReady(timeoutMs: number): Promise<RpcPeer> {
    if (this.#peer) {
      return this.#peer;
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const reason = this.#unavailability ?? 'The engine is not ready.';
        reject(new ServiceError('engine_unavailable', `${reason} Try again soon.`, { retryAfterSeconds: 2 }));
      }, timeoutMs);
    });
    try {
      return await Promise.race([this.#ready.promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The peer, if it is still the process of that epoch. */
  peerOf(epoch: number): RpcPeer | undefined {
    return epoch === this.#epoch ? this.#peer : undefined;
  }

  async #launch(): Promise<void> {
    this.#epoch = this.options.nextEpoch();
    this.#launches += 1;
    this.#mark = newEngineMark(this.options.serverMark);
    this.#descendants = [];
    this.#startedAtMs = performance.now();
    this.#lastWords = undefined;
    this.#misfit = undefined;
    const epoch = this.#epoch;
    const handlers: RpcHandlers = {
      notification: this.handlers.notification,
      request: (id, method, params) => {
        this.handlers.request(epoch, id, method, params);
      },
      garbage: (line) => {
        this.options.log.write('warn', 'The engine wrote a line that is no message.', { bytes: line.length });
      },
    };
    const peer = new RpcPeer((line) => {
      child.write(line);
    }, handlers);
    const child = this.#spawn(peer);
    this.#process = child;
    await this.#greet(peer);
    this.#peer = peer;
    this.hold(this.#isHeld);
    this.#unavailability = undefined;
    this.#ready.resolve(peer);
    this.options.log.write('info', 'The engine is ready.', {
      enginePid: child.pid,
      ms: Math.round(performance.now() - this.#startedAtMs),
    });
    this.handlers.started();
  }

  #spawn(peer: RpcPeer): EngineProcess {
    const { log, command } = this.options;
    const mark = this.#mark;
    const marked = { ...command, env: withMark(command.env, mark) };
    const child = new EngineProcess(marked, {
      line: (line) => {
        peer.receive(line);
      },
      stderr: (line) => {
        this.#lastWords = line;
        log.write('debug', 'engine', { stderr: line });
        if (line.includes(UNREADABLE)) {
          log.write('error', 'The engine dropped a line that it could not read.', { stderr: line });
          peer.dropped();
        }
      },
      tooLong: () => {
        log.write('error', 'The engine wrote a line past the limit; it is restarted.');
        child.kill();
      },
      exit: (reason) => {
        this.#endOrphans({ pid: child.pid, mark, descendants: this.#descendants });
        this.#exited(peer, reason);
      },
    });
    return child;
  }

  async #greet(peer: RpcPeer): Promise<void> {
    const { clientInfo, command } = this.options;
    const capabilities = { experimentalApi: true };
    const greeting = await peer.request('initialize', { clientInfo, capabilities }, INITIALIZE_TIMEOUT_MS);
    try {
      requireEngineVersion(greeting, command.expectedVersion ?? null);
    } catch (error) {
      this.#misfit = ServiceError.from(error).message;
      throw error;
    }
    peer.notify('initialized');
  }

  #exited(peer: RpcPeer, reason: string): void {
    const wasReady = this.#peer === peer;
    peer.close(reason);
    this.#process = undefined;
    if (wasReady) {
      this.#peer = undefined;
      this.#ready = Promise.withResolvers<RpcPeer>();
    }
    if (this.#isStopping) {
      return;
    }
    this.#unavailability = this.#misfit ?? reason;
    this.options.log.write('error', reason, { epoch: this.#epoch, stderr: this.#lastWords });
    if (wasReady) {
      this.handlers.died(reason);
    }
    if ((wasReady || this.#launches > 1) && !this.#isRetired) {
      this.#scheduleRestart();
    }
  }

  #endOrphans(engine: KnownEngine): void {
    const { orphans, log } = this.options;
    const ended = this.#isStopping ? orphans.endStraysOf(engine) : orphans.endOf(engine);
    ended.catch((error: unknown) => {
      log.write('error', 'What the engine left behind could not be ended.', { err: error });
    });
  }

  #scheduleRestart(): void {
    const wasStable = performance.now() - this.#startedAtMs > STABLE_MS;
    this.#failures = wasStable ? 0 : this.#failures;
    const delayMs = RESTART_DELAYS_MS[Math.min(this.#failures, RESTART_DELAYS_MS.length - 1)];
    this.#failures += 1;
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = undefined;
      this.#launch().catch((error: unknown) => {
        this.#restartFailed(error);
      });
    }, delayMs);
  }

  /** A process that ended before it was ready has scheduled the next attempt already; one that lives does so by its end. */
  #restartFailed(error: unknown): void {
    this.options.log.write('error', 'The engine could not be restarted.', { err: error });
    if (this.#process) {
      this.#process.kill();
    } else if (this.#restartTimer === undefined && !this.#isRetired) {
      this.#scheduleRestart();
    }
  }
}
