import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Conversation } from '../support/conversation.js';
import { App } from '../support/start-app.js';

const NOT_PROPOSED = 'must be the proposed prefix, or begin with all of it';

describe('approvals of commands and file changes', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
    mkdirSync(outside(''));
  });

  afterAll(async () => {
    await app.stop();
  });

  /** A file that no command in the sandbox can make. */
  const outside = (name: string): string => join(app.scratch.root, 'outside', name);
  const escalated = (command: string): string => `run escalated: ${command} because: it is needed`;

  describe('command_execution', () => {
    it('approve: the command runs outside the sandbox and leaves its file', async () => {
      const talk = await Conversation.start(app, escalated(`echo ran > ${outside('approved')}`));
      const question = await talk.answerNext({ decision: 'approve' });
      const { status, items } = await talk.end();

      expect(question).toMatchObject({ kind: 'command_execution', reason: 'it is needed' });
      expect(status).toBe('completed');
      expect(items.find(({ type }) => type === 'command_execution')).toMatchObject({
        id: question.item_id,
        status: 'completed',
      });
      expect(readFileSync(outside('approved'), 'utf8')).toBe('ran\n');
    });

    it('approve_for_session: the same command is not asked about again in this thread, but in another one', async () => {
      const command = escalated(`echo again >> ${outside('session')}`);
      const talk = await Conversation.start(app, `${command}\n${command}`);
      await talk.answerNext({ decision: 'approve_for_session' });
      expect(await talk.end()).toMatchObject({ status: 'completed', questions: 1 });
      expect(readFileSync(outside('session'), 'utf8')).toBe('again\nagain\n');

      const other = await Conversation.start(app, command);
      await other.answerNext({ decision: 'decline' });
      await other.end();
    });

    it('decline: the turn goes on without it', async () => {
      const talk = await Conversation.start(app, `${escalated(`echo no > ${outside('declined')}`)}\nsay: Went on.`);
      await talk.answerNext({ decision: 'decline' });
      const { status, items, output } = await talk.end();

      expect(status).toBe('completed');
      expect(items.at(-1)).toMatchObject({ type: 'agent_message', text: 'Went on.' });
      expect(items.find(({ type }) => type === 'command_execution')).toMatchObject({ status: 'declined' });
      expect(output).toContain('rejected by user');
      expect(existsSync(outside('declined'))).toBe(false);
    });

    it('cancel: the turn is interrupted', async () => {
      const talk = await Conversation.start(app, `${escalated(`echo no > ${outside('cancelled')}`)}\nsay: Not said.`);
      await talk.answerNext({ decision: 'cancel' });
      const { status, items } = await talk.end();

      expect(status).toBe('interrupted');
      expect(items.some(({ type }) => type === 'agent_message')).toBe(false);
      expect(existsSync(outside('cancelled'))).toBe(false);
    });

    it('amendments.execpolicy as proposed: the same command is not asked about again, in no thread', async () => {
      const command = escalated(`mkdir -p ${outside('proposed')}`);
      const talk = await Conversation.start(app, command);
      const question = await talk.question();
      const proposed = question.proposed_execpolicy_amendment;
      expect(proposed).toEqual(['mkdir', '-p', outside('proposed')]);
      await talk
        .answer(question.approval_id, { decision: 'approve', amendments: { execpolicy: proposed } })
        .expect(200);
      await talk.end();

      const later = await Conversation.start(app, command);
      expect(await later.end()).toMatchObject({ status: 'completed', questions: 0 });
      expect(existsSync(outside('proposed'))).toBe(true);
    });

    it('amendments.execpolicy longer than the proposed one: other commands are asked about as before', async () => {
      const command = escalated(`touch ${outside('first')}`);
      const talk = await Conversation.start(app, command);
      const { proposed_execpolicy_amendment: proposed } = await talk.question();
      const execpolicy = [...(proposed as string[]), 'never'];
      await talk.answerPending({ decision: 'approve', amendments: { execpolicy } });
      await talk.end();

      const later = await Conversation.start(app, command);
      await later.answerNext({ decision: 'decline' });
      await later.end();
    });

    it('refuses amendments that are not about the command, and goes on waiting', async () => {
      const talk = await Conversation.start(app, escalated(`rmdir ${outside('nothing')}`));
      const { approval_id: id } = await talk.question();
      const network = { host: 'example.test', action: 'deny' };
      const refused = [
        [{ execpolicy: ['rm'] }, 'amendments.execpolicy', NOT_PROPOSED],
        [{ execpolicy: ['rmdir'] }, 'amendments.execpolicy', NOT_PROPOSED],
        [{ execpolicy: ['rmdir', outside('other')] }, 'amendments.execpolicy', NOT_PROPOSED],
        [{ execpolicy: [] }, 'amendments.execpolicy', 'must contain at least 1 elements'],
        [{ network }, 'amendments.network', 'is not for this approval'],
        [{ execpolicy: ['rmdir'], network }, 'amendments', 'must hold either execpolicy or network'],
        [{}, 'amendments', 'must hold either execpolicy or network'],
      ] as const;
      for (const [amendments, path, message] of refused) {
        const answer = await talk.answer(id, { decision: 'approve', amendments }).expect(400);
        expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ path, message }] });
      }
      await talk.answer(id, { decision: 'decline', amendments: { execpolicy: ['rmdir'] } }).expect(400);
      await talk.answer(id, { decision: 'decline' }).expect(200);
      await talk.end();
    });
  });

  describe('file_change', () => {
    const adding = (path: string): string => `patch: *** Begin Patch\n*** Add File: ${path}\n+one\n*** End Patch`;
    const changing = (path: string): string =>
      `patch: *** Begin Patch\n*** Update File: ${path}\n@@\n-one\n+two\n*** End Patch`;

    it('approve: the file outside the workspace is written, and the next change is asked about', async () => {
      const path = outside('patched.txt');
      const talk = await Conversation.start(app, `${adding(path)}\n${changing(path)}`);
      const question = await talk.answerNext({ decision: 'approve' });
      await talk.answerNext({ decision: 'approve' });

      expect(question).toMatchObject({ kind: 'file_change' });
      expect(await talk.end()).toMatchObject({ status: 'completed', questions: 2 });
      expect(readFileSync(path, 'utf8')).toBe('two\n');
    });

    it('approve_for_session: further changes of the file are not asked about', async () => {
      const path = outside('session.txt');
      const talk = await Conversation.start(app, `${adding(path)}\n${changing(path)}`);
      await talk.answerNext({ decision: 'approve_for_session' });

      expect(await talk.end()).toMatchObject({ status: 'completed', questions: 1 });
      expect(readFileSync(path, 'utf8')).toBe('two\n');
    });

    it('decline: the turn goes on without the change', async () => {
      const talk = await Conversation.start(app, `${adding(outside('declined.txt'))}\nsay: Went on.`);
      await talk.answerNext({ decision: 'decline' });
      const { status, items, output } = await talk.end();

      expect(status).toBe('completed');
      expect(items.find(({ type }) => type === 'file_change')).toMatchObject({ status: 'declined' });
      expect(items.at(-1)).toMatchObject({ text: 'Went on.' });
      expect(output).toBe('patch rejected by user');
      expect(existsSync(outside('declined.txt'))).toBe(false);
    });

    it('cancel: the turn is interrupted', async () => {
      const talk = await Conversation.start(app, adding(outside('cancelled.txt')));
      await talk.answerNext({ decision: 'cancel' });

      expect((await talk.end()).status).toBe('interrupted');
      expect(existsSync(outside('cancelled.txt'))).toBe(false);
    });
  });
});
