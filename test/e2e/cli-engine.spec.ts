import { Scratch, ServerProcess, TOKEN } from '../support/server-process.js';
import { App, type AppOptions, type Json } from '../support/start-app.js';

interface Outcome {
  thread: Json;
  requestedModel: unknown;
}

/** What a thread of a server with these settings is told to work with, and which model its turn asks for. */
async function outcomeOf(options: AppOptions): Promise<Outcome> {
  const app = await App.start(options);
  try {
    const created = await app.post('/api/v2/threads').expect(201);
    const thread = created.body as Json & { thread_id: string };
    await app.runTurn(thread.thread_id, 'say: Hello.');
    const body = app.model.requests.at(-1)?.body as unknown as Json;
    return { thread, requestedModel: body.model };
  } finally {
    await app.stop();
  }
}

describe('what the command line says of the engine', () => {
  it('holds for new threads: --model, --approval-policy', async () => {
    const { thread, requestedModel } = await outcomeOf({ args: ['--model', 'model-a', '--approval-policy', 'never'] });
    expect(thread).toMatchObject({ model: 'model-a', model_provider: 'scripted', approval_policy: 'never' });
    expect(requestedModel).toBe('model-a');
  });

  it('holds as well when it comes from the environment', async () => {
    const env = { CODEX_MODEL: 'model-b', CODEX_APPROVAL_POLICY: 'untrusted', CODEX_PROVIDER: 'scripted' };
    const { thread, requestedModel } = await outcomeOf({ env });
    expect(thread).toMatchObject({ model: 'model-b', model_provider: 'scripted', approval_policy: 'untrusted' });
    expect(requestedModel).toBe('model-b');
  });

  it('can lift approvals and sandbox for all threads', async () => {
    const { thread } = await outcomeOf({ args: ['--dangerously-bypass-approvals-and-sandbox'] });
    expect(thread).toMatchObject({ approval_policy: 'never', sandbox: { type: 'danger_full_access' } });
  });

  it('names the model provider: with one that nobody has configured, it does not start', async () => {
    const scratch = new Scratch();
    const { codexHome, dataDir, workspace } = scratch;
    const folders = ['--codex-home', codexHome, '--data-dir', dataDir, '--workspace-root', workspace, '--port', '0'];
    const server = ServerProcess.spawn([...folders, '--model-provider', 'elsewhere'], { CODEX_AUTH_TOKEN: TOKEN });
    expect(await server.exited).toEqual({ code: 1, signal: null });
    expect(server.output).toContain('Model provider `elsewhere` not found');
    scratch.remove();
  });
});
