import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../../../src/demo/remove-folder.ts';
import type * as Provider from '../../../src/demo/scripted-model/provider-overrides.ts';
import type * as Model from '../../../src/demo/scripted-model/scripted-model.ts';

export const TOKEN = 'fault-token-0123456789abcdef';

const PROGRAM = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
/** Not the system's temp folder: there the engine loses its PATH helpers, and a sandboxed command may write to it. */
const PARENT = '/var/tmp';

/** The built program's own scripted model; `dist/` is no source, so it is loaded at run time. */
const load = <Module>(path: string): Promise<Module> =>
  import(new URL(`../../../dist/demo/scripted-model/${path}`, import.meta.url).href) as Promise<Module>;

const started = new Set<ChildProcess>();

/** Ends what was started when this process ends, however that comes. */
export function endWithThisProcess(): void {
  process.on('exit', () => {
    for (const child of started) {
      child.kill('SIGKILL');
    }
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(1));
  }
}

/** One server process with its engine. */
interface Running {
  child: ChildProcess;
  /** Rejects when the process ends before it listens. */
  url: Promise<string>;
  exited: Promise<unknown>;
  wasEngineKilled: boolean;
}

/** The folders, the scripted model and the processes of one round. */
export class World {
  readonly root = mkdtempSync(join(PARENT, 'codex-web-fault-'));
  readonly workspace = join(this.root, 'workspace');
  readonly model: Model.ScriptedModel;
  /** What all the servers of the round wrote, for whoever looks for the cause of a violation. */
  output = '';
  /** How often a server ended by itself, though nobody had touched it or its engine; none is started after it. */
  unexplainedExits = 0;
  readonly #args: readonly string[];
  #running: Running;

  private constructor(model: Model.ScriptedModel, overrides: readonly string[], args: readonly string[]) {
    this.model = model;
    this.#args = args;
    mkdirSync(this.workspace);
    mkdirSync(join(this.root, 'codex-home'));
    mkdirSync(join(this.root, 'home'));
    const lines = overrides.filter((argument) => argument !== '-c');
    writeFileSync(join(this.root, 'codex-home', 'config.toml'), `${lines.join('\n')}\n`);
    this.#running = this.#spawn();
  }

  /** With further flags for the server. */
  static async start(args: readonly string[] = []): Promise<World> {
    const [{ ScriptedModel }, { scriptedProviderOverrides }] = await Promise.all([
      load<typeof Model>('scripted-model.js'),
      load<typeof Provider>('provider-overrides.js'),
    ]);
    const model = await ScriptedModel.start();
    const world = new World(model, scriptedProviderOverrides(model.baseUrl), args);
    await world.url();
    return world;
  }

  /** Where the server listens, as soon as one does. */
  async url(): Promise<string> {
    for (;;) {
      const running = this.#running;
      const url = await running.url.catch(() => undefined);
      if (url !== undefined) {
        return url;
      }
      await running.exited;
      if (this.#running === running) {
        throw new Error(`The server ended by itself.\n${this.output}`);
      }
    }
  }

  /** Ends the server with SIGKILL and starts it again on the same folders. Resolves when the new one was started. */
  async killServer(): Promise<void> {
    const { child, exited } = this.#running;
    child.kill('SIGKILL');
    await exited;
    this.output += '--- the server was killed\n';
    this.#running = this.#spawn();
  }

  /** Ends an engine process with SIGKILL, `pick` in [0, 1) says which; false when there is none at the moment. */
  killEngine(pick: number): boolean {
    const pids = this.#enginePids();
    const pid = pids[Math.floor(pick * pids.length)];
    if (pid === undefined) {
      return false;
    }
    this.output += '--- the engine was killed\n';
    this.#running.wasEngineKilled = true;
    return killIfThere(pid);
  }

  async stop({ isKeeping }: { isKeeping: boolean }): Promise<void> {
    const { child, exited } = this.#running;
    const engines = this.#enginePids();
    child.kill('SIGKILL');
    for (const engine of engines) {
      killIfThere(engine);
    }
    await exited;
    await this.model.close();
    if (isKeeping) {
      writeFileSync(join(this.root, 'server.log'), this.output);
    } else {
      removeFolder(this.root);
    }
  }

  /** A server whose very first engine is killed ends with 1, and is started again as any service manager does it. */
  #ended(child: ChildProcess): void {
    if (child.signalCode === 'SIGKILL') {
      return;
    }
    this.output += `--- the server ended by itself with ${String(child.exitCode)}\n`;
    this.unexplainedExits += this.#running.wasEngineKilled ? 0 : 1;
    if (this.unexplainedExits === 0) {
      this.#running = this.#spawn();
    }
  }

  #enginePids(): number[] {
    const pid = String(this.#running.child.pid);
    try {
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
      return children === '' ? [] : children.split(' ').map(Number);
    } catch {
      // The server is gone, and its engine with it.
      return [];
    }
  }

  #spawn(): Running {
    const folders = [
      ...['--codex-home', join(this.root, 'codex-home')],
      ...['--data-dir', join(this.root, 'data')],
      ...['--workspace-root', this.workspace],
    ];
    // A home of its own: a login shell that is killed in the middle of the user's profile could leave a lock there.
    const child = spawn(execPath, [PROGRAM, '--port', '0', ...folders, ...this.#args], {
      env: { PATH: env.PATH, HOME: join(this.root, 'home'), CODEX_AUTH_TOKEN: TOKEN, LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.add(child);
    const listening = Promise.withResolvers<string>();
    let text = '';
    const read = (chunk: Buffer): void => {
      this.output += chunk.toString();
      text += chunk.toString();
      const [, url] = /listening on (http:\/\/\S+)\s/.exec(text) ?? [];
      if (url !== undefined) {
        listening.resolve(url);
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    const exited = once(child, 'close').then(() => {
      started.delete(child);
      listening.reject(new Error('The server ended before it listened.'));
      this.#ended(child);
    });
    listening.promise.catch(() => undefined);
    return { child, url: listening.promise, exited, wasEngineKilled: false };
  }
}

/** False for a process that has ended by itself meanwhile. */
function killIfThere(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
