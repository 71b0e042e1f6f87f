import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../../src/demo/remove-folder.js';

export const TOKEN = 'test-token-0123456789abcdef';

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** Not the system's temp folder: there the engine loses its PATH helpers, and a sandboxed command may write to it. */
const SCRATCH = '/var/tmp';
const POLL_MS = 2;
/** A login shell that is killed in the middle of the user's own profile could leave a lock there, for whoever is next. */
const NO_HOME = '/var/empty';

/** The folders of one server: they outlive its process, so that it can be started again on them. */
export class Scratch {
  readonly root = mkdtempSync(join(SCRATCH, 'codex-web-test-'));
  readonly workspace = this.#folder('workspace');
  readonly codexHome = this.#folder('codex-home');
  readonly dataDir = join(this.root, 'data');

  /** For an engine that is run beside the server, on the same Codex home. */
  get engineEnv(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, HOME: NO_HOME, CODEX_HOME: this.codexHome };
  }

  /** Ends whatever still runs on them first: an engine whose server was killed would make folders anew. */
  remove(): void {
    for (let pids = pidsOn(this.root); pids.length > 0; pids = pidsOn(this.root)) {
      pids.forEach(killIfThere);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
    }
    removeFolder(this.root);
  }

  #folder(name: string): string {
    const path = join(this.root, name);
    mkdirSync(path);
    return path;
  }
}

/** Processes in whose environment a folder is. */
function pidsOn(folder: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.filter((pid) => readEnvironment(pid).includes(folder)).map(Number);
}

function readEnvironment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A server as its own process, started from `dist/` as anyone would start it. */
export class ServerProcess {
  output = '';
  readonly exited: Promise<Exit>;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: Promise<string>,
  ) {
    this.exited = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
  }

  /** With `uid` as that user, which takes the rights of root. */
  static spawn(args: readonly string[], env: Readonly<Record<string, string>> = {}, uid?: number): ServerProcess {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      ...(uid === undefined ? {} : { uid, gid: uid }),
      env: { PATH: process.env.PATH, HOME: NO_HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const listening = Promise.withResolvers<string>();
    const server = new ServerProcess(child, listening.promise);
    const read = (chunk: Buffer): void => {
      server.output += chunk.toString();
      const match = /listening on (http:\/\/\S+)/.exec(server.output);
      if (match?.[1]) {
        listening.resolve(match[1]);
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void server.exited.then(() => {
      listening.reject(new Error(`The server ended before it listened:\n${server.output}`));
    });
    // Whoever starts a server that is to fail waits for its exit only.
    listening.promise.catch(() => undefined);
    return server;
  }

  get pid(): number {
    if (this.child.pid === undefined) {
      throw new Error('The server was not started.');
    }
    return this.child.pid;
  }

  async signal(signal: NodeJS.Signals): Promise<Exit> {
    this.child.kill(signal);
    return this.exited;
  }
}
