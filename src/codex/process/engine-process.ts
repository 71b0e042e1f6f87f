import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { type Readable, type Writable } from 'node:stream';
import { LineSplitter } from '../rpc/line-splitter.js';

/** The engine's largest honest lines are items with big outputs; past this it is broken. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const MAX_STDERR_LINE_BYTES = 64 * 1024;
/** How long the pipes of an engine that has ended are read on, should a stray process keep them open. */
const CLOSE_GRACE_MS = 1_000;

export interface EngineCommand {
  path: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Any, when it is `null` or absent. */
  expectedVersion?: string | null;
}

export interface EngineProcessHandlers {
  line: (line: string) => void;
  stderr: (line: string) => void;
  tooLong: () => void;
  exit: (reason: string) => void;
}

/** One process of the engine, in a process group of its own, so that whatever it started ends with it. */
export class EngineProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #exited: Promise<void>;
  #hasExited = false;

  constructor(command: EngineCommand, handlers: EngineProcessHandlers) {
    this.#child = spawn(command.path, command.args, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout = new LineSplitter(MAX_LINE_BYTES, handlers.line, handlers.tooLong);
    const stderr = new LineSplitter(MAX_STDERR_LINE_BYTES, handlers.stderr, () => undefined);
    this.#child.stdout.on('data', (chunk: Buffer) => {
      stdout.push(chunk);
    });
    this.#child.stderr.on('data', (chunk: Buffer) => {
      stderr.push(chunk);
    });
    // A write to a process that has just died fails here; its exit is what counts.
    this.#child.stdin.on('error', () => undefined);
    this.#exited = new Promise((resolve) => {
      const exited = (reason: string): void => {
        if (!this.#hasExited) {
          this.#hasExited = true;
          this.#child.stdout.destroy();
          this.#child.stderr.destroy();
          resolve();
          handlers.exit(reason);
        }
      };
      this.#child.once('error', (error) => {
        exited(`The engine could not be started: ${error.message}.`);
      });
      // What the engine left running goes with it, and lets go of the pipes; then what it last said is read to the end.
      this.#child.once('exit', (code, signal) => {
        const reason = toReason(code, signal);
        this.hold(false);
        this.#signalGroup('SIGKILL');
        const timer = setTimeout(exited, CLOSE_GRACE_MS, reason);
        this.#child.once('close', () => {
          clearTimeout(timer);
          exited(reason);
        });
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  write(line: string): void {
    this.#child.stdin.write(line);
  }

  /** While it is held its output is not read: the pipe is full soon, and it waits. */
  hold(isHeld: boolean): void {
    if (isHeld) {
      this.#child.stdout.pause();
    } else {
      this.#child.stdout.resume();
    }
  }

  /** Asks the engine to end, by closing its input, and ends the whole group if it has not within `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.hold(false);
    this.#child.stdin.end();
    const timer = setTimeout(() => {
      this.kill();
    }, graceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  kill(): void {
    this.#signalGroup('SIGKILL');
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) {
      return;
    }
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
        throw error;
      }
    }
  }
}

function toReason(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `The engine exited with code ${String(code)}.` : `The engine was ended by ${signal}.`;
}
