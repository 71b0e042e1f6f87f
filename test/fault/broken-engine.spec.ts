import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireEngineBinary } from '../../src/codex/engine-binary.js';
import { killEngine, untilReadiness } from '../support/engine-faults.js';
import { Scratch, ServerProcess, TOKEN } from '../support/server-process.js';
import { passOverEvents } from '../support/recording.js';
import { App } from '../support/start-app.js';

const BROKEN_ENGINE = fileURLToPath(new URL('../support/broken-engine.mjs', import.meta.url));
const MEBIBYTE = 1024 * 1024;

/** What is no message, or none that makes sense; the last is a notification of a newer engine. */
const GARBAGE = [
  'this is no JSON',
  '',
  'null',
  '42',
  '[]',
  '{}',
  '{"id":99999,"result":{}}',
  '{"id":99999,"error":"text"}',
  '{"method":5}',
  '{"method":"turn/completed"}',
  '{"method":"turn/completed","params":null}',
  '{"method":"turn/completed","params":"text"}',
  '{"method":"turn/completed","params":{"threadId":"{thread}","turn":null}}',
  '{"method":"thread/tokenUsage/updated","params":{"threadId":"{thread}","turnId":"t"}}',
  '{"method":"thread/status/changed","params":{"threadId":"{thread}"}}',
  '{"method":"item/started","params":{"threadId":"{thread}","turnId":"t","item":null}}',
  '{"method":"item/completed","params":{"threadId":"{thread}","turnId":"t","item":{"type":"agentMessage"}}}',
  '{"method":"item/agentMessage/delta","params":{"threadId":"{thread}"}}',
  '{"method":"serverRequest/resolved","params":{}}',
  '{"id":"q1","method":"item/commandExecution/requestApproval","params":{"threadId":7}}',
  '{"id":"q2","method":"unknown/request","params":{}}',
  '{"id":"q3","method":"item/tool/call"}',
  '{"method":"something/new","params":{"threadId":"{thread}","isNew":true}}',
];

describe('an engine that misbehaves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'broken-engine-'));
  const plan = join(folder, 'plan');
  let app: App;

  const planThat = (...steps: string[]): void => {
    writeFileSync(plan, steps.join('\n'));
  };

  beforeAll(async () => {
    passOverEvents();
    planThat(...GARBAGE.map((line) => `line ${line}`));
    const env = { BROKEN_ENGINE_PLAN: plan, REAL_ENGINE: requireEngineBinary() };
    app = await App.start({ args: ['--codex-path', BROKEN_ENGINE], env });
  });

  afterAll(async () => {
    await app.stop();
    rmSync(folder, { recursive: true });
  });

  it('may write what makes no sense: the server stays up, and the turn is not harmed', async () => {
    const threadId = await app.createThread();
    const pid = app.server.pid;
    const stream = await app.stream(threadId, '?after=0');
    const { turn_id: turnId } = await app.submit(threadId, 'say: Untouched.');
    expect(await stream.turnEnd(turnId)).toMatchObject({ status: 'completed' });
    const news = await stream.until('something/new');
    stream.close();
    expect(news.data).toMatchObject({ event: 'something/new', thread_id: threadId });
    expect(await app.runTurn(threadId, 'say: And on.')).toMatchObject({ status: 'completed' });
    expect([app.server.pid, (await app.get('/readyz')).status]).toEqual([pid, 200]);
  });

  it('is restarted when it writes a line without an end, and the turn that was handed over runs', async () => {
    const threadId = await app.createThread();
    planThat(`huge ${String(65 * MEBIBYTE)}`);
    await killEngine(app);
    await untilReadiness(app, 200);
    const stream = await app.stream(threadId, '?after=0');
    const { turn_id: turnId } = await app.submit(threadId, 'say: In the end.');
    expect(await stream.turnEnd(turnId)).toMatchObject({
      status: expect.stringMatching(/completed|interrupted/) as string,
    });
    stream.close();
    expect(app.server.output).toContain('The engine wrote a line past the limit; it is restarted.');
    expect(await app.runTurn(threadId, 'say: And on.')).toMatchObject({ status: 'completed' });
  });

  it('is started again and again while it exits at once, and readiness says why', async () => {
    const threadId = await app.createThread();
    planThat('exit 3');
    await killEngine(app);
    while (!JSON.stringify(await untilReadiness(app, 503)).includes('exited with code 3')) {
      // The first attempt has not failed yet.
    }
    const stream = await app.stream(threadId, '?after=0');
    const waiting = app.submit(threadId, 'say: It came back.');
    planThat('');
    const { turn_id: turnId } = await waiting;
    expect(await stream.turnEnd(turnId)).toMatchObject({ status: 'completed' });
    stream.close();
  });
});

describe('an engine that can not be started', () => {
  async function startOn(codexPath: string, env: Record<string, string> = {}): Promise<[number | null, string]> {
    const scratch = new Scratch();
    const folders = [
      '--codex-home',
      scratch.codexHome,
      '--data-dir',
      scratch.dataDir,
      '--workspace-root',
      scratch.workspace,
    ];
    const server = ServerProcess.spawn(['--port', '0', ...folders, '--codex-path', codexPath], {
      CODEX_AUTH_TOKEN: TOKEN,
      LOG_LEVEL: 'error',
      ...env,
    });
    const { code } = await server.exited;
    scratch.remove();
    return [code, server.output];
  }

  it('ends the server with 2, as any bad setting, and says which binary is missing', async () => {
    const [code, output] = await startOn('/nowhere/codex');
    expect(code).toBe(2);
    expect(output).toContain('--codex-path /nowhere/codex is no file; name the Codex binary');
  });

  it('ends the server with 1 and says so when it exits at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'broken-engine-'));
    const plan = join(folder, 'plan');
    writeFileSync(plan, 'exit 3');
    const [code, output] = await startOn(BROKEN_ENGINE, { BROKEN_ENGINE_PLAN: plan });
    rmSync(folder, { recursive: true });
    expect(code).toBe(1);
    expect(output).toContain('The engine exited with code 3.');
    expect(output).toContain('The engine is out of order.');
  });
});
