import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Readable, type Writable } from 'node:stream';
import { requireEngineBinary } from '../../src/codex/engine-binary.js';
import { type Scratch } from './server-process.js';
import { type Json } from './start-app.js';

interface Message {
  id?: number;
  method?: string;
  params?: Json;
  result?: Json;
  error?: { code: number; message: string };
}

/** Runs `codex exec` as a user would, to its end; resolves with the id of the thread that it made. */
export async function codexExec(scratch: Scratch, prompt: string): Promise<string> {
  const args = ['exec', '--json', '--skip-git-repo-check', prompt];
  const child = spawnEngine(scratch, args);
  child.stdin.end();
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
  }
  const started = lines.map((line) => JSON.parse(line) as Json).find(({ type }) => type === 'thread.started');
  if (typeof started?.thread_id !== 'string') {
    throw new Error(`codex exec made no thread: ${lines.join('\n')}`);
  }
  return started.thread_id;
}

/** Another Codex client: the engine itself, on the same Codex home, in its own words (camelCase) over stdio. */
export class RawEngine {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #completed = new Map<string, PromiseWithResolvers<Json>>();
  readonly #exited: Promise<unknown>;
  #lastId = 0;

  private constructor(scratch: Scratch) {
    this.#child = spawnEngine(scratch, ['app-server', '--disable', 'shell_snapshot']);
    this.#exited = once(this.#child, 'close');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#hear(JSON.parse(line) as Message);
    });
  }

  static async start(scratch: Scratch): Promise<RawEngine> {
    const engine = new RawEngine(scratch);
    const clientInfo = { name: 'another_client', version: '1' };
    await engine.request('initialize', { clientInfo, capabilities: { experimentalApi: true } });
    engine.#send({ method: 'initialized' });
    return engine;
  }

  async request(method: string, params: object): Promise<Json> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<Message>((resolve) => this.#answers.set(id, resolve));
    this.#send({ id, method, params: params as Json });
    const { result, error } = await answer;
    if (error) {
      throw new Error(`${method}: ${error.message}`);
    }
    return result ?? {};
  }

  async createThread(params: object = {}): Promise<string> {
    const { thread } = await this.request('thread/start', params);
    return (thread as { id: string }).id;
  }

  /** Runs a turn to its end; resolves with its id. */
  async runTurn(threadId: string, text: string): Promise<string> {
    const input = [{ type: 'text', text, text_elements: [] }];
    const { turn } = await this.request('turn/start', { threadId, input });
    const { id } = turn as { id: string };
    await this.#completion(id).promise;
    return id;
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    await this.#exited;
  }

  #hear(message: Message): void {
    const turn = message.params?.turn as { id: string } | undefined;
    if (message.method === 'turn/completed' && turn) {
      this.#completion(turn.id).resolve(turn);
    } else if (message.id !== undefined && message.method === undefined) {
      this.#answers.get(message.id)?.(message);
    }
  }

  #completion(turnId: string): PromiseWithResolvers<Json> {
    const known = this.#completed.get(turnId) ?? Promise.withResolvers<Json>();
    this.#completed.set(turnId, known);
    return known;
  }

  #send(message: Message): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }
}

function spawnEngine(scratch: Scratch, args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
  return spawn(requireEngineBinary(), args, {
    cwd: scratch.workspace,
    env: scratch.engineEnv,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}
