import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Json } from '../support/start-app.js';

/** Where a secret will be, but is not yet. */
describe('the place of a secret', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });
  afterAll(() => app.stop());

  /**
   * What a command prints that somebody approved to run without the sandbox, as the model is told it.
   * @param beforeRun done when the turn has begun and the command has not
   */
  async function outputOf(threadId: string, command: string, beforeRun = (): void => undefined): Promise<string> {
    const stream = await app.stream(threadId);
    const { turn_id: turnId } = await app.submit(threadId, `run escalated: ${command} because: it asks`);
    const { data } = await stream.until('item/commandExecution/requestApproval');
    beforeRun();
    await app.post(`/api/v2/threads/${threadId}/approvals/${String(data.approval_id)}`, { decision: 'approve' });
    expect(await stream.turnEnd(turnId)).toMatchObject({ status: 'completed' });
    stream.close();
    const { input } = app.model.requests.at(-1)?.body as { input: Json[] };
    return String(input.findLast(({ type }) => type === 'function_call_output')?.output);
  }

  it('stays empty while a command runs', async () => {
    const { codexHome, dataDir } = app.scratch;
    const names = (await outputOf(await app.createThread(), `ls -A ${codexHome} ${dataDir}`)).split('\n');
    expect(names).toEqual(expect.arrayContaining(['config.toml', 'sessions', 'codex-web.db']));
    for (const name of ['auth.json', '.credentials.json', '.env', 'history.jsonl', 'tokens.json', 'main-token.json']) {
      expect(names).not.toContain(name);
    }
  });

  it('shows nothing once one is there, in threads of before too', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Before.');
    const files = ['auth.json', 'auth.json.tmp', '.env'].map((name) => join(app.scratch.codexHome, name));
    for (const path of [...files, join(app.scratch.dataDir, 'tokens.json.new')]) {
      // With another login than before, the engine would ask servers what a turn may do before it begins.
      const output = await outputOf(threadId, `cat ${path}`, () => {
        writeFileSync(path, '{"of": "nobody-else"}');
      });
      rmSync(path);
      expect(output).toContain('cat: ');
      expect(output).not.toContain('nobody-else');
    }
  });
});
