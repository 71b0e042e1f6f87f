import { join } from 'node:path';
import supertest, { type Test } from 'supertest';
import { scriptedProviderOverrides } from '../../src/demo/scripted-model/provider-overrides.js';
import { ScriptedModel } from '../../src/demo/scripted-model/scripted-model.js';
import { writeFileSync } from 'node:fs';
import { recorded } from './recording.js';
import { Scratch, ServerProcess, TOKEN, type Exit } from './server-process.js';
import { SseReader, type SseOptions } from './sse-reader.js';

export type Json = Record<string, unknown>;

/** Lets commands write to the workspace and nowhere else. */
export const WRITABLE = {
  sandbox: 'workspace-write',
  config: { sandbox_workspace_write: { exclude_slash_tmp: true, exclude_tmpdir_env_var: true } },
} as const;

export interface AppOptions {
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Where the server keeps its data, if not in the scratch folder. */
  dataDir?: string;
  /** More lines for the engine's config.toml. */
  config?: string;
  /** How often the engine asks the model again after a stream that broke; never unless given. */
  streamRetries?: number;
}

interface AppParts {
  model: ScriptedModel;
  scratch: Scratch;
  options: AppOptions;
  server: ServerProcess;
  url: string;
}

/**
 * A real server with the real engine, in processes of their own; the scripted model, in the test's process, stands for
 * the language model alone.
 */
export class App {
  readonly model: ScriptedModel;
  readonly scratch: Scratch;
  server: ServerProcess;
  url: string;
  private readonly options: AppOptions;

  private constructor({ model, scratch, options, server, url }: AppParts) {
    this.model = model;
    this.scratch = scratch;
    this.options = options;
    this.server = server;
    this.url = url;
  }

  static async start(options: AppOptions = {}): Promise<App> {
    const model = await ScriptedModel.start();
    const scratch = new Scratch();
    writeFileSync(join(scratch.codexHome, 'config.toml'), toConfigToml(model.baseUrl, options));
    const server = spawnServer(scratch, options);
    try {
      return new App({ model, scratch, options, server, url: await server.url });
    } catch (error) {
      await model.close();
      scratch.remove();
      throw error;
    }
  }

  /** Starts the server again on the same folders, after it was ended; with more arguments where they are given. */
  async restart(args: readonly string[] = []): Promise<void> {
    this.server = spawnServer(this.scratch, { ...this.options, args: [...(this.options.args ?? []), ...args] });
    this.url = await this.server.url;
  }

  /** Ends everything and removes the folders. */
  async stop(): Promise<void> {
    await this.server.signal('SIGKILL');
    await this.model.close();
    this.scratch.remove();
  }

  async terminate(): Promise<Exit> {
    return this.server.signal('SIGTERM');
  }

  get(path: string): Test {
    return recorded(supertest(this.url).get(path)).set('Authorization', `Bearer ${TOKEN}`);
  }

  delete(path: string): Test {
    return recorded(supertest(this.url).delete(path)).set('Authorization', `Bearer ${TOKEN}`);
  }

  post(path: string, body: object = {}): Test {
    return recorded(supertest(this.url).post(path)).set('Authorization', `Bearer ${TOKEN}`).send(body);
  }

  put(path: string, body: object): Test {
    return recorded(supertest(this.url).put(path)).set('Authorization', `Bearer ${TOKEN}`).send(body);
  }

  patch(path: string, body: object): Test {
    return recorded(supertest(this.url).patch(path)).set('Authorization', `Bearer ${TOKEN}`).send(body);
  }

  /** A thread whose commands may write to the workspace. */
  async createThread(body: object = {}): Promise<string> {
    const answer = await this.post('/api/v2/threads', { ...WRITABLE, ...body }).expect(201);
    return (answer.body as { thread_id: string }).thread_id;
  }

  /** Submits a turn whose text is a script for the scripted model; resolves with the accepted turn. */
  async submit(threadId: string, text: string, more: object = {}): Promise<Json & { turn_id: string }> {
    const body = { input: [{ type: 'text', text }], ...more };
    const answer = await this.post(`/api/v2/threads/${threadId}/turns`, body).expect(202);
    return answer.body as Json & { turn_id: string };
  }

  async stream(threadId: string, query = '', options: SseOptions = {}): Promise<SseReader> {
    const url = `${this.url}/api/v2/threads/${threadId}/events${query}`;
    return SseReader.open(url, { headers: { authorization: `Bearer ${TOKEN}`, ...options.headers } });
  }

  async allEvents(query = ''): Promise<SseReader> {
    return SseReader.open(`${this.url}/api/v2/events${query}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  }

  /** Submits, and resolves with the turn as it is after its end. */
  async runTurn(threadId: string, text: string, more: object = {}): Promise<Json & { turn_id: string; items: Json[] }> {
    const stream = await this.stream(threadId);
    await stream.until('stream/live');
    const { turn_id: turnId } = await this.submit(threadId, text, more);
    await stream.turnEnd(turnId);
    stream.close();
    const answer = await this.get(`/api/v2/threads/${threadId}/turns/${turnId}`).expect(200);
    return answer.body as Json & { turn_id: string; items: Json[] };
  }
}

function spawnServer(scratch: Scratch, { args = [], env = {}, dataDir = scratch.dataDir }: AppOptions): ServerProcess {
  const folders = [
    ...['--codex-home', scratch.codexHome],
    ...['--data-dir', dataDir],
    ...['--workspace-root', scratch.workspace],
  ];
  return ServerProcess.spawn(['--port', '0', ...folders, ...args], {
    CODEX_AUTH_TOKEN: TOKEN,
    LOG_LEVEL: 'warn',
    ...env,
  });
}

/** The provider as a user would write it down; the overrides of the demo say the same on the command line. */
function toConfigToml(baseUrl: string, { config: more = '', streamRetries }: AppOptions): string {
  const pairs = scriptedProviderOverrides(baseUrl, { streamRetries }).filter((argument) => argument !== '-c');
  return `${pairs.join('\n')}\n${more}\n`;
}
