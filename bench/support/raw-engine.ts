import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { env } from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { own, stop } from './processes.ts';
import { loadEngineCommand } from './program.ts';
import type { Scratch } from './scratch.ts';
import { Listeners, type TurnClient } from './turn-client.ts';

interface Message {
  id?: number;
  method?: string;
  params?: { threadId?: string; delta?: string };
  result?: { thread: { id: string } };
  error?: { message: string };
}

/** The engine itself, started as the server starts it and spoken to as directly as can be. */
export class RawEngine implements TurnClient {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #cwd: string;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #listeners = new Listeners();
  #lastId = 0;
  #rest = '';

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>, cwd: string) {
    this.#process = child;
    this.#cwd = cwd;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#read(text);
    });
  }

  static async start(scratch: Scratch): Promise<RawEngine> {
    const { toEngineCommand } = await loadEngineCommand();
    const { path, args, cwd } = toEngineCommand(
      {
        codexPath: null,
        codexHome: scratch.codexHome,
        workspaceRoots: [scratch.workspace],
        trustedFolders: [],
        model: null,
        modelProvider: null,
        approvalPolicy: null,
        isBypassingApprovalsAndSandbox: false,
        hasShellSnapshot: false,
        reasoningEffort: null,
        apiBaseUrl: null,
        isDemo: false,
        engineEnv: {},
      },
      [],
    );
    const child = spawn(path, args, {
      cwd,
      env: { ...env, CODEX_HOME: scratch.codexHome },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const engine = new RawEngine(own(child), cwd);
    await engine.call('initialize', {
      clientInfo: { name: 'bench', title: 'bench', version: '0' },
      capabilities: { experimentalApi: true },
    });
    engine.#send({ method: 'initialized' });
    return engine;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Rejects with what the engine says. */
  call(method: string, params: unknown): Promise<Message> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, (message) => {
        if (message.error) {
          reject(new Error(`${method}: ${message.error.message}`));
        } else {
          resolve(message);
        }
      });
      this.#send({ id, method, params });
    });
  }

  async createThread(): Promise<string> {
    const { result } = await this.call('thread/start', { cwd: this.#cwd });
    return result?.thread.id ?? '';
  }

  async runTurn(threadId: string, text: string, onDelta?: (text: string) => void): Promise<void> {
    const ended = this.#listeners.listen(threadId, onDelta);
    await this.call('turn/start', { threadId, input: [{ type: 'text', text, text_elements: [] }] });
    await ended;
  }

  async stop(): Promise<void> {
    this.#process.stdin.end();
    await stop(this.#process);
  }

  #send(message: unknown): void {
    this.#process.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.#hear(JSON.parse(line) as Message);
    }
  }

  #hear(message: Message): void {
    const { id, method, params } = message;
    if (method === undefined) {
      this.#answers.get(id ?? 0)?.(message);
      this.#answers.delete(id ?? 0);
    } else if (params?.threadId !== undefined) {
      this.#listeners.tell(params.threadId, method, params.delta);
    }
  }
}
