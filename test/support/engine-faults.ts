import { readFileSync } from 'node:fs';
import { type App, type Json } from './start-app.js';

/** The process of the server's engine; `undefined` while it has none. */
export function enginePid(app: App): number | undefined {
  const pid = String(app.server.pid);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? undefined : Number(children.split(' ').at(-1));
}

/** Ends the engine with SIGKILL. Resolves when the server has noticed. */
export async function killEngine(app: App): Promise<void> {
  const pid = enginePid(app);
  if (pid === undefined) {
    throw new Error('There is no engine to be killed.');
  }
  process.kill(pid, 'SIGKILL');
  while (enginePid(app) === pid) {
    await app.get('/livez').expect(200);
  }
}

/** Asks until /readyz answers with this status. */
export async function untilReadiness(app: App, status: 200 | 503): Promise<Json> {
  for (;;) {
    const answer = await app.get('/readyz');
    if (answer.status === status) {
      return answer.body as Json;
    }
  }
}
