import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Conversation } from '../support/conversation.js';
import { App, WRITABLE } from '../support/start-app.js';

const CONFIG = {
  ...WRITABLE.config,
  'features.request_permissions_tool': true,
  'features.default_mode_request_user_input': true,
};

describe('approvals of permissions, and questions to the user', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  describe('permissions', () => {
    /** Two folders outside the workspace, to write to which the script asks for before it tries. */
    function scene(name: string): {
      left: string;
      right: string;
      write: string;
      script: string;
      written: () => string[];
    } {
      const folders = ['left', 'right'].map((side) => join(app.scratch.root, `${name}-${side}`));
      const [left = '', right = ''] = folders;
      for (const path of folders) {
        mkdirSync(path);
      }
      const asked = { reason: 'To write there.', permissions: { file_system: { write: folders } } };
      const write = `run: touch ${left}/file; touch ${right}/file`;
      return {
        left,
        right,
        write,
        script: `call: request_permissions ${JSON.stringify(asked)}\n${write}`,
        written: () => folders.filter((path) => existsSync(join(path, 'file'))),
      };
    }

    it('approve: what was asked for is granted, for this turn', async () => {
      const { left, right, script, write, written } = scene('asked');
      const talk = await Conversation.start(app, script, { config: CONFIG });
      const question = await talk.answerNext({ decision: 'approve' });
      await talk.end();

      expect(question).toMatchObject({
        kind: 'permissions',
        reason: 'To write there.',
        available_decisions: ['approve', 'approve_for_session', 'decline'],
        permissions: { file_system: { write: [left, right] } },
      });
      expect(written()).toEqual([left, right]);

      const later = await Conversation.continue(app, talk.threadId, write.replaceAll('/file', '/later'));
      await later.end();
      expect(existsSync(join(left, 'later'))).toBe(false);
    });

    it('approve with permissions: only those are granted', async () => {
      const { right, script, written } = scene('narrower');
      const talk = await Conversation.start(app, script, { config: CONFIG });
      await talk.answerNext({ decision: 'approve', permissions: { file_system: { write: [right] } } });
      await talk.end();
      expect(written()).toEqual([right]);
    });

    it('approve with the permissions of the request itself', async () => {
      const { left, right, script, written } = scene('echoed');
      const talk = await Conversation.start(app, script, { config: CONFIG });
      const { approval_id: id, permissions } = await talk.question();
      await talk.answer(id, { decision: 'approve', permissions }).expect(200);
      await talk.end();
      expect(written()).toEqual([left, right]);
    });

    it('approve with more than was asked for: nothing beyond it is granted', async () => {
      const { script, written } = scene('wider');
      const talk = await Conversation.start(app, script, { config: CONFIG });
      await talk.answerNext({ decision: 'approve', permissions: { file_system: { write: [app.scratch.root] } } });
      await talk.end();
      expect(written()).toEqual([]);
    });

    it('approve_for_session: they hold for later turns of the thread too', async () => {
      const { left, right, write, written } = scene('session');
      const asked = { permissions: { file_system: { write: [left, right] } } };
      const talk = await Conversation.start(app, `call: request_permissions ${JSON.stringify(asked)}`, {
        config: CONFIG,
      });
      await talk.answerNext({ decision: 'approve_for_session' });
      await talk.end();
      const later = await Conversation.continue(app, talk.threadId, write);
      expect(await later.end()).toMatchObject({ status: 'completed', questions: 0 });
      expect(written()).toEqual([left, right]);
    });

    it('decline: the turn goes on without them; what does not fit is refused before', async () => {
      const { script, written } = scene('declined');
      const talk = await Conversation.start(app, `${script}\nsay: Went on.`, { config: CONFIG });
      const { approval_id: id } = await talk.question();
      const refused = [
        [{ decision: 'cancel' }, 'decision'],
        [{ decision: 'approve', permissions: { file_system: 'all' } }, 'permissions.file_system'],
        [{ decision: 'approve', permissions: { filesystem: {} } }, 'permissions.filesystem'],
        [{ decision: 'approve', permissions: { file_system: { write: [1] } } }, 'permissions.file_system.write'],
        [
          {
            decision: 'approve',
            permissions: { file_system: { entries: [{ access: 'write', path: { type: 'path' } }] } },
          },
          'permissions.file_system.entries[0].path.path',
        ],
      ] as const;
      for (const [body, path] of refused) {
        const answer = await talk.answer(id, body).expect(400);
        expect((answer.body as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path);
      }
      await talk.answer(id, { decision: 'decline' }).expect(200);
      const { status, items } = await talk.end();
      expect(status).toBe('completed');
      expect(items.at(-1)).toMatchObject({ text: 'Went on.' });
      expect(written()).toEqual([]);
    });
  });

  describe('user_input', () => {
    const question = (id: string): object => ({
      id,
      header: id,
      question: `Which ${id}?`,
      options: [
        { label: 'small', description: 'Less.' },
        { label: 'large', description: 'More.' },
      ],
    });
    const script = `ask: ${JSON.stringify({ questions: [question('size'), question('room')] })}\nsay: Thanks.`;

    it('approve: the answers reach the model', async () => {
      const talk = await Conversation.start(app, script, { config: CONFIG });
      const asked = await talk.answerNext({
        decision: 'approve',
        answers: { size: ['large'], room: ['small', 'warm'] },
      });
      const { status, output } = await talk.end();

      expect(asked).toMatchObject({ kind: 'user_input', available_decisions: ['approve', 'cancel'] });
      expect(status).toBe('completed');
      expect(JSON.parse(output as string)).toEqual({
        answers: { size: { answers: ['large'] }, room: { answers: ['small', 'warm'] } },
      });
    });

    it('names the questions without an answer, and those that nobody asked', async () => {
      const talk = await Conversation.start(app, script, { config: CONFIG });
      const { approval_id: id } = await talk.question();
      const missing = await talk
        .answer(id, { decision: 'approve', answers: { size: ['large'], rom: ['x'] } })
        .expect(400);
      expect((missing.body as { errors: unknown }).errors).toEqual([
        { path: 'answers.room', message: 'is missing' },
        { path: 'answers.rom', message: 'was not asked' },
      ]);
      await talk.answer(id, { decision: 'approve' }).expect(400);
      await talk.answer(id, { decision: 'approve', answers: { size: 'large', room: 'small' } }).expect(400);
      await talk.answer(id, { decision: 'decline' }).expect(400);
      await talk.answer(id, { decision: 'approve', answers: { size: ['large'], room: [] } }).expect(200);
      expect((await talk.end()).status).toBe('completed');
    });

    it('cancel: the turn is interrupted', async () => {
      const talk = await Conversation.start(app, script, { config: CONFIG });
      await talk.answerNext({ decision: 'cancel' });
      const { status, items } = await talk.end();
      expect(status).toBe('interrupted');
      expect(items.some(({ type }) => type === 'agent_message')).toBe(false);
    });
  });
});
