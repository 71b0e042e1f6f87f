import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Scratch } from './scratch.js';

const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;
/** The engine of a server that was killed finds its input closed, and may write a last file. */
const ENGINE_END_MS = 300;
const SHOWN_OUTPUT_CHARS = 4_000;

/** The real server in a process of its own, with the scripted model in the place of a language model. */
export class DemoServer {
  readonly token = randomBytes(24).toString('base64url');
  /** Resolves when the process has ended, with the reason in words. Never rejects. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #url = Promise.withResolvers<string>();
  #output = '';

  constructor(scratch: Scratch) {
    this.#child = spawn(process.execPath, [PROGRAM, ...toArguments(scratch)], {
      // Nothing is inherited: the caller's settings for a server, or a proxy, would make it another demo.
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
        HOME: scratch.home,
        CODEX_AUTH_TOKEN: this.token,
        LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // In a process group of its own, for else Ctrl-C would reach it twice, from the terminal and from here.
      detached: true,
    });
    this.#child.stdout?.on('data', this.#read);
    this.#child.stderr?.on('data', this.#read);
    this.ended = once(this.#child, 'close').then(
      ([code, signal]) => `The server ended with ${String(signal ?? code)}.`,
      (error: unknown) => `The server could not be started: ${String(error)}`,
    );
    void this.ended.then((reason) => {
      this.#url.reject(new Error(reason));
    });
  }

  /** What it printed last, for whoever has to say why something failed. */
  get output(): string {
    return this.#output.slice(-SHOWN_OUTPUT_CHARS).trim();
  }

  /** Resolves with `http://HOST:PORT` once it listens. Rejects if it ends before, or takes too long. */
  async listening(): Promise<string> {
    const timer = setTimeout(() => {
      this.#url.reject(new Error(`The server did not listen within ${String(START_TIMEOUT_MS / 1000)} s.`));
    }, START_TIMEOUT_MS);
    try {
      return await this.#url.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks it to end, and ends it if it does not. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.kill();
    }, STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(timer);
    if (this.#child.exitCode !== 0) {
      await wait(ENGINE_END_MS);
    }
  }

  /** At once. The engine ends by itself when the server is gone. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  readonly #read = (chunk: Buffer): void => {
    this.#output += chunk.toString();
    const match = /listening on (http:\/\/\S+)/.exec(this.#output);
    if (match?.[1] !== undefined) {
      this.#url.resolve(match[1]);
    }
  };
}

function toArguments({ workspace, codexHome, dataDir }: Scratch): string[] {
  const folders = ['--workspace-root', workspace, '--codex-home', codexHome, '--data-dir', dataDir];
  return ['--demo', '--port', '0', '--shutdown-timeout', '2', ...folders];
}
