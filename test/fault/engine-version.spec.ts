import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireEngineBinary } from '../../src/codex/engine-binary.js';
import { ENGINE_VERSION } from '../../src/codex/protocol/generated/methods.js';
import { killEngine, untilReadiness } from '../support/engine-faults.js';
import { Scratch, ServerProcess, TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const BROKEN_ENGINE = fileURLToPath(new URL('../support/broken-engine.mjs', import.meta.url));
const MISFIT = `The engine is Codex 0.1.2, and this server is made for ${ENGINE_VERSION}.`;

describe('an engine of another version', () => {
  const folder = mkdtempSync(join(tmpdir(), 'engine-version-'));
  const plan = join(folder, 'plan');
  const env = { BROKEN_ENGINE_PLAN: plan, REAL_ENGINE: requireEngineBinary() };
  const args = ['--codex-path', BROKEN_ENGINE];

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('ends the server with 1, and says which one it is made for and what to do', async () => {
    writeFileSync(plan, 'version 0.1.2');
    const scratch = new Scratch();
    const { codexHome, dataDir, workspace } = scratch;
    const folders = ['--codex-home', codexHome, '--data-dir', dataDir, '--workspace-root', workspace];
    const server = ServerProcess.spawn(['--port', '0', ...folders, ...args], { CODEX_AUTH_TOKEN: TOKEN, ...env });
    const { code } = await server.exited;
    scratch.remove();
    expect(code).toBe(1);
    expect(server.output).toContain(MISFIT);
    expect(server.output).toContain('--any-codex-version');
    expect(server.output).not.toContain('    at ');
  });

  it('that takes the place of the right one makes the server not ready, and loses no turn that was accepted', async () => {
    writeFileSync(plan, '');
    const app = await App.start({ args, env });
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Before.');
    writeFileSync(plan, 'version 0.1.2');
    await killEngine(app);
    while (!JSON.stringify(await untilReadiness(app, 503)).includes(MISFIT)) {
      // The other engine has not been started yet.
    }
    expect((await app.get(`/api/v2/threads/${threadId}`)).status).toBe(200);
    const stream = await app.stream(threadId, '?after=0');
    const waiting = app.submit(threadId, 'say: Afterwards.');
    writeFileSync(plan, '');
    const { turn_id: turnId } = await waiting;
    expect(await stream.turnEnd(turnId)).toMatchObject({ status: 'completed' });
    stream.close();
    expect((await app.get('/readyz')).status).toBe(200);
    await app.stop();
  });

  it('runs when it is allowed to', async () => {
    writeFileSync(plan, 'version 0.1.2');
    const app = await App.start({ args: [...args, '--any-codex-version'], env });
    expect(await app.runTurn(await app.createThread(), 'say: All the same.')).toMatchObject({ status: 'completed' });
    await app.stop();
  });
});
