import { ServiceError } from '../../core/errors.js';
import { type Log } from '../../core/log.js';
import { RpcPeer, type RpcHandlers, type RpcId } from '../rpc/rpc-peer.js';
import { type EngineCommand, EngineProcess } from './engine-process.js';

const RESTART_DELAYS_MS = [0, 100, 250, 500, 1000, 2000, 5000, 10_000];
/** An engine that lived this long was well: the next restart is quick again. */
const STABLE_MS = 60_000;
const INITIALIZE_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 3_000;

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
}

/** Keeps one engine process up: starts it, greets it, and starts it again, ever more slowly, when it dies. */
export class Supervisor {
  #process: EngineProcess | undefined;
  #peer: RpcPeer | undefined;
  #ready = Promise.withResolvers<RpcPeer>();
  /** What the process last wrote to its standard error: why it ended, as a rule. */
  #lastWords: string | undefined;
  #unavailability: string | undefined = 'The engine is starting.';
  #epoch = 0;
  #failures = 0;
  #startedAtMs = 0;
  #isStopping = false;
  #restartTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: SupervisorOptions,
    private readonly handlers: SupervisorHandlers,
  ) {}

  get unavailability(): string | undefined {
    return this.#unavailability;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the engine. Rejects when even the first start fails; later ones are tried for ever. */
  async start(): Promise<void> {
    await this.#launch();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restartTimer);
    this.#unavailability = 'The server is shutting down.';
    await this.#process?.stop(STOP_GRACE_MS);
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
    this.#epoch += 1;
    this.#startedAtMs = performance.now();
    this.#lastWords = undefined;
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
    this.#unavailability = undefined;
    this.#ready.resolve(peer);
    this.options.log.write('info', 'The engine is ready.', {
      enginePid: child.pid,
      ms: Math.round(performance.now() - this.#startedAtMs),
    });
    this.handlers.started();
  }

  #spawn(peer: RpcPeer): EngineProcess {
    const { log } = this.options;
    const child = new EngineProcess(this.options.command, {
      line: (line) => {
        peer.receive(line);
      },
      stderr: (line) => {
        this.#lastWords = line;
        log.write('debug', 'engine', { stderr: line });
      },
      tooLong: () => {
        log.write('error', 'The engine wrote a line past the limit; it is restarted.');
        child.kill();
      },
      exit: (reason) => {
        this.#exited(peer, reason);
      },
    });
    return child;
  }

  async #greet(peer: RpcPeer): Promise<void> {
    const { clientInfo } = this.options;
    await peer.request('initialize', { clientInfo, capabilities: { experimentalApi: true } }, INITIALIZE_TIMEOUT_MS);
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
    this.#unavailability = reason;
    this.options.log.write('error', reason, { epoch: this.#epoch, stderr: this.#lastWords });
    if (wasReady) {
      this.handlers.died(reason);
    }
    if (wasReady || this.#epoch > 1) {
      this.#scheduleRestart();
    }
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
    this.options.log.write('error', 'The engine could not be restarted.', { error: String(error) });
    if (this.#process) {
      this.#process.kill();
    } else if (this.#restartTimer === undefined && !this.#isStopping) {
      this.#scheduleRestart();
    }
  }
}
