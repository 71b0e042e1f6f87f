import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import supertest from 'supertest';
import { type App } from './start-app.js';

const run = promisify(execFile);
const POLL_MS = 20;
let count = 0;

/** A token with these scopes, comma-separated, once the running server knows it. */
export async function createToken(app: App, scopes: string): Promise<string> {
  count += 1;
  const command = ['dist/main.js', 'token', 'create', `token-${String(count)}`, '--scopes', scopes];
  const { stdout } = await run(process.execPath, [...command, '--data-dir', app.scratch.dataDir]);
  const [token = ''] = stdout.split('\n');
  const isKnown = async (): Promise<boolean> => {
    const { status } = await supertest(app.url).get('/api/v2/threads').set('Authorization', `Bearer ${token}`);
    return status !== 401;
  };
  while (!(await isKnown())) {
    await delay(POLL_MS);
  }
  return token;
}
