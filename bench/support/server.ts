import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EventStream } from './event-stream.ts';
import { collectGarbage, findInspectorUrl } from './inspector.ts';
import { PlainClient } from './plain-client.ts';
import { own, stop } from './processes.ts';
import { SERVER_PROGRAM } from './program.ts';
import type { Scratch } from './scratch.ts';
import { Listeners, type TurnClient } from './turn-client.ts';

export const TOKEN = 'bench-token-0123456789abcdef';

const START_TIMEOUT_MS = 20_000;
const POLL_MS = 10;

export interface ServerOptions {
  /** Where the server's CPU profile is written when it ends. */
  profileDir?: string | undefined;
  /** Further flags. */
  args?: readonly string[];
  /** Flags of Node's own. */
  nodeArgs?: readonly string[];
}

/** With an inspector, by which its garbage can be collected. */
export const INSPECTED: ServerOptions = { nodeArgs: ['--inspect=127.0.0.1:0'] };

/** The server as anyone would start it, with its log going to a file at the default level. */
export class Server implements TurnClient {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly url: string;
  readonly #listeners = new Listeners();
  readonly #streams: EventStream[] = [];
  readonly #logFile: string;
  readonly #client: PlainClient;

  private constructor(child: ChildProcess, url: string, logFile: string) {
    this.#process = child;
    this.#logFile = logFile;
    this.url = url;
    this.port = Number(new URL(url).port);
    this.#client = new PlainClient(this.port, TOKEN);
  }

  static async start(
    scratch: Scratch,
    { profileDir, args: flags = [], nodeArgs = [] }: ServerOptions = {},
  ): Promise<Server> {
    const logFile = join(scratch.root, 'server.log');
    const log = openSync(logFile, 'w');
    const profiling = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
    const folders = ['--codex-home', scratch.codexHome, '--data-dir', scratch.dataDir];
    const args = [
      '--port',
      '0',
      '--shutdown-timeout',
      '1',
      ...folders,
      '--workspace-root',
      scratch.workspace,
      ...flags,
    ];
    const child = own(
      spawn(execPath, [...nodeArgs, ...profiling, fileURLToPath(SERVER_PROGRAM), ...args], {
        env: { ...env, CODEX_AUTH_TOKEN: TOKEN },
        stdio: ['ignore', log, log],
      }),
    );
    closeSync(log);
    return new Server(child, await listeningUrl(child, logFile), logFile);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Of a server with an inspector: what it holds then is in use, and no garbage. */
  async collectGarbage(): Promise<void> {
    await collectGarbage(findInspectorUrl(readFileSync(this.#logFile, 'utf8')));
  }

  read(path: string): Promise<string> {
    return this.#client.ask('GET', path);
  }

  post(path: string, body: unknown): Promise<string> {
    return this.#client.ask('POST', path, JSON.stringify(body));
  }

  async createThread(): Promise<string> {
    const { thread_id: threadId } = JSON.parse(await this.post('/api/v2/threads', {})) as { thread_id: string };
    const live = Promise.withResolvers<undefined>();
    const url = `${this.url}/api/v2/threads/${threadId}/events`;
    const stream = await EventStream.open(url, TOKEN, (frame) => {
      const [, name] = /^event: (.*)$/m.exec(frame) ?? [];
      if (name === 'stream/live') {
        live.resolve(undefined);
      } else if (name !== undefined) {
        this.#tell(threadId, name, frame);
      }
    });
    this.#streams.push(stream);
    await live.promise;
    return threadId;
  }

  async runTurn(threadId: string, input: string, onDelta?: (text: string) => void): Promise<void> {
    const ended = this.#listeners.listen(threadId, onDelta);
    await this.post(`/api/v2/threads/${threadId}/turns`, { input: [{ type: 'text', text: input }] });
    await ended;
  }

  closeStreams(): void {
    for (const stream of this.#streams.splice(0)) {
      stream.close();
    }
  }

  async stop(): Promise<void> {
    this.closeStreams();
    this.#client.close();
    await stop(this.#process);
  }

  #tell(threadId: string, name: string, frame: string): void {
    const data = frame.slice(frame.indexOf('\ndata: ') + '\ndata: '.length);
    this.#listeners.tell(threadId, name, (JSON.parse(data) as { delta?: string }).delta);
  }
}

async function listeningUrl(child: ChildProcess, logFile: string): Promise<string> {
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS && child.exitCode === null; waitedMs += POLL_MS) {
    const url = /listening on (http:\/\/\S+)/.exec(readFileSync(logFile, 'utf8'))?.[1];
    if (url !== undefined) {
      return url;
    }
    await wait(POLL_MS);
  }
  throw new Error(`The server did not start:\n${readFileSync(logFile, 'utf8')}`);
}
