import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import supertest from 'supertest';
import { recorded } from './recording.js';
import { type App, type Json } from './start-app.js';

const run = promisify(execFile);

/** What a client with a token of its own is answered. */
export interface Answer {
  status: number;
  body: Json;
}

/** A client with a token of these scopes (`read,write`), made as an operator makes one. */
export class NamedClient {
  private constructor(
    private readonly app: App,
    readonly token: string,
  ) {}

  static async create(app: App, name: string, scopes: string): Promise<NamedClient> {
    const args = ['dist/main.js', 'token', 'create', name, '--scopes', scopes, '--data-dir', app.scratch.dataDir];
    const [token = ''] = (await run(process.execPath, args)).stdout.split('\n');
    const client = new NamedClient(app, token);
    // The server looks at the file a few times a second.
    while ((await client.get('/api/v2/threads')).status === 401) {
      await delay(50);
    }
    return client;
  }

  async get(path: string): Promise<Answer> {
    return recorded(supertest(this.app.url).get(path)).set('Authorization', `Bearer ${this.token}`);
  }

  async post(path: string, body: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return recorded(supertest(this.app.url).post(path))
      .set({ Authorization: `Bearer ${this.token}`, ...headers })
      .send(body);
  }
}
