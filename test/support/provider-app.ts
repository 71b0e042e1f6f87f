import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import supertest, { type Test } from 'supertest';
import { Scratch, ServerProcess, TOKEN } from './server-process.js';
import { SseReader } from './sse-reader.js';
import { type Json, WRITABLE } from './start-app.js';

export interface ProviderAppOptions {
  /** The whole of config.toml; none: there is no such file. */
  config?: string;
  env?: Readonly<Record<string, string>>;
  args?: readonly string[];
}

export interface FinishedTurn {
  turn: Json & { status: string; error: { message: string } | null; items: Json[] };
  /** Of the whole turn, in order. */
  stream: SseReader;
}

/** A real server with the real engine on a configuration of its own, whose model is wherever that leads. */
export class ProviderApp {
  private constructor(
    readonly scratch: Scratch,
    readonly options: ProviderAppOptions,
    public server: ServerProcess,
    public url: string,
  ) {}

  static async start(options: ProviderAppOptions): Promise<ProviderApp> {
    const scratch = new Scratch();
    if (options.config !== undefined) {
      writeFileSync(join(scratch.codexHome, 'config.toml'), options.config);
    }
    const server = spawn(scratch, options);
    return new ProviderApp(scratch, options, server, await server.url);
  }

  async restart(): Promise<void> {
    this.server = spawn(this.scratch, this.options);
    this.url = await this.server.url;
  }

  async stop(): Promise<void> {
    await this.server.signal('SIGKILL');
    this.scratch.remove();
  }

  get configPath(): string {
    return join(this.scratch.codexHome, 'config.toml');
  }

  get(path: string): Test {
    return supertest(this.url).get(path).set('Authorization', `Bearer ${TOKEN}`);
  }

  post(path: string, body: object = {}): Test {
    return supertest(this.url).post(path).set('Authorization', `Bearer ${TOKEN}`).send(body);
  }

  put(path: string, body: object): Test {
    return supertest(this.url).put(path).set('Authorization', `Bearer ${TOKEN}`).send(body);
  }

  /** A thread whose commands may write to the workspace, and which asks nobody. */
  async createThread(body: object = {}): Promise<string> {
    const answer = await this.post('/api/v2/threads', { ...WRITABLE, approval_policy: 'never', ...body }).expect(201);
    return (answer.body as { thread_id: string }).thread_id;
  }

  async openStream(threadId: string): Promise<SseReader> {
    const url = `${this.url}/api/v2/threads/${threadId}/events`;
    const stream = await SseReader.open(url, { headers: { authorization: `Bearer ${TOKEN}` } });
    await stream.until('stream/live');
    return stream;
  }

  async submit(threadId: string, text: string, more: object = {}): Promise<string> {
    const body = { input: [{ type: 'text', text }], ...more };
    const answer = await this.post(`/api/v2/threads/${threadId}/turns`, body).expect(202);
    return (answer.body as { turn_id: string }).turn_id;
  }

  async runTurn(threadId: string, text: string, more: object = {}): Promise<FinishedTurn> {
    const stream = await this.openStream(threadId);
    const turnId = await this.submit(threadId, text, more);
    await stream.turnEnd(turnId);
    stream.close();
    const answer = await this.get(`/api/v2/threads/${threadId}/turns/${turnId}`).expect(200);
    return { turn: answer.body as FinishedTurn['turn'], stream };
  }

  async effective(): Promise<Record<string, Json>> {
    const answer = await this.get('/api/v2/config').expect(200);
    const { effective } = answer.body as { effective: (Json & { name: string })[] };
    return Object.fromEntries(effective.map(({ name, ...rest }) => [name, rest]));
  }
}

function spawn(scratch: Scratch, { env = {}, args = [] }: ProviderAppOptions): ServerProcess {
  const folders = [
    ...['--codex-home', scratch.codexHome],
    ...['--data-dir', scratch.dataDir],
    ...['--workspace-root', scratch.workspace],
  ];
  const own = { CODEX_AUTH_TOKEN: TOKEN, LOG_LEVEL: 'warn', ...env };
  return ServerProcess.spawn(['--port', '0', ...folders, ...args], own);
}
