import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { killEngine } from '../support/engine-faults.js';
import { pidsOf, until } from '../support/engine-processes.js';
import { App } from '../support/start-app.js';

const CLINGING = fileURLToPath(new URL('../support/clinging-mcp-server.mjs', import.meta.url));

describe('what an engine leaves behind', () => {
  const name = `clinging-${String(process.pid)}`;
  let app: App;
  let bystander: ChildProcess;

  beforeAll(async () => {
    const config = `[mcp_servers.clinging]\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([CLINGING, name])}`;
    app = await App.start({ config });
    bystander = spawn(process.execPath, [CLINGING, name, 'left-behind'], { stdio: 'ignore' });
  });

  afterAll(async () => {
    bystander.kill('SIGKILL');
    await app.stop();
  });

  /** Of the MCP servers, without the one that this test started by itself. */
  const mcpPids = (): number[] => pidsOf(name).filter((pid) => pid !== bystander.pid);

  /** A thread whose MCP server is up, with what that left behind. */
  async function createThread(): Promise<string> {
    const threadId = await app.createThread({ sandbox: 'danger-full-access', config: undefined });
    const stream = await app.stream(threadId, '?after=0');
    await stream.until(({ event, data }) => event === 'mcpServer/startupStatus/updated' && data.status === 'ready');
    stream.close();
    await until(() => pidsOf(`${name} left-behind`).length > 1);
    return threadId;
  }

  /** Has a turn start a command in no sandbox that lives on by itself, whatever becomes of its parents. */
  async function detach(threadId: string, seconds: string): Promise<void> {
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    const { turn_id: turnId } = await app.submit(threadId, `run: (setsid nohup sleep ${seconds} >/dev/null 2>&1 &)`);
    await stream.turnEnd(turnId);
    stream.close();
    await until(() => pidsOf(`sleep ${seconds}`).length > 0);
  }

  it('is ended when the engine is killed: MCP servers, what they left, commands that were detached; and nothing else', async () => {
    const threadId = await createThread();
    const seconds = String(50_000 + process.pid);
    await detach(threadId, seconds);
    expect(mcpPids().length).toBeGreaterThan(1);
    const before = mcpPids();
    await killEngine(app);
    await until(() => before.every((pid) => !mcpPids().includes(pid)) && pidsOf(`sleep ${seconds}`).length === 0);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    expect(await app.runTurn(threadId, 'say: Went on.')).toMatchObject({ status: 'completed' });
  });

  it('is ended at the next start when the server was killed', async () => {
    const threadId = await createThread();
    const seconds = String(60_000 + process.pid);
    await detach(threadId, seconds);
    const before = mcpPids();
    await app.server.signal('SIGKILL');
    expect(pidsOf(`sleep ${seconds}`)).not.toEqual([]);
    await app.restart();
    await until(() => before.every((pid) => !mcpPids().includes(pid)) && pidsOf(`sleep ${seconds}`).length === 0);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    expect(await app.runTurn(threadId, 'say: Went on.')).toMatchObject({ status: 'completed' });
  });

  it('is ended when the server stops in good order', async () => {
    const threadId = await createThread();
    const seconds = String(70_000 + process.pid);
    await detach(threadId, seconds);
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
    expect([mcpPids(), pidsOf(`sleep ${seconds}`)]).toEqual([[], []]);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  });
});
