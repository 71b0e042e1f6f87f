import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Json } from '../support/start-app.js';

describe('the main job', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('runs a command in the sandbox, which leaves a file, and tells everything on the stream', async () => {
    const threadId = await app.createThread();
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    const { turn_id: turnId } = await app.submit(threadId, 'say: First.\nrun: echo made > made.txt\nsay: Done.');
    const end = await stream.turnEnd(turnId);
    stream.close();

    expect(end).toMatchObject({ id: turnId, status: 'completed' });
    expect(readFileSync(join(app.scratch.workspace, 'made.txt'), 'utf8')).toBe('made\n');
    expect(stream.events.map(({ id }) => Number(id))).toEqual(stream.events.map((_, index) => index + 2));
    const kinds = stream.events
      .filter(({ event }) => event === 'item/completed')
      .map(({ data }) => (data.item as Json).type);
    expect(kinds).toEqual(['user_message', 'agent_message', 'command_execution', 'agent_message']);
  });

  it('does not let a command write outside the workspace', async () => {
    const threadId = await app.createThread();
    const outside = join(app.scratch.root, 'outside.txt');
    await app.runTurn(threadId, `run: echo no > ${outside}`);
    expect(existsSync(outside)).toBe(false);
    // The engine makes no item of a command that fails at once; the model hears of it all the same.
    expect(JSON.stringify(app.model.requests.at(-1)?.body)).toContain('Read-only file system');
  });

  it('applies a patch and shows its diff', async () => {
    const threadId = await app.createThread();
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    const patch = '*** Begin Patch\n*** Add File: notes.txt\n+one\n+two\n*** End Patch';
    const { turn_id: turnId } = await app.submit(threadId, `patch: ${patch}`);
    await stream.turnEnd(turnId);
    stream.close();

    expect(readFileSync(join(app.scratch.workspace, 'notes.txt'), 'utf8')).toBe('one\ntwo\n');
    const diff = stream.frames.find(({ event }) => event === 'turn/diff/updated');
    expect(diff?.data.diff).toContain('+one\n+two');
  });
});
