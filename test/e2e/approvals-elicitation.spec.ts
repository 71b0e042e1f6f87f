import { Conversation } from '../support/conversation.js';
import { withDesk } from '../support/elicitation-config.js';
import { App, type Json } from '../support/start-app.js';

describe('questions of MCP servers', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start({ config: withDesk });
  });

  afterAll(async () => {
    await app.stop();
  });

  const book = 'mcp: desk book {"table": 4}\nsay: Went on.';

  /** A turn that has come to the form which the tool asks for, past the engine's own question about the call. */
  async function untilForm(): Promise<Conversation> {
    const talk = await Conversation.start(app, book);
    await talk.answerNext({ decision: 'approve' });
    return talk;
  }

  const textOf = (output: unknown): unknown => (output as { text: string }[]).at(-1)?.text;
  const callOf = (items: Json[]): Json | undefined => items.find(({ type }) => type === 'mcp_tool_call');

  describe('before a tool is called', () => {
    const echo = 'mcp: desk echo {"roomName": "blue"}\nsay: Went on.';

    it('the engine asks by a form without fields; approve lets the call happen', async () => {
      const talk = await Conversation.start(app, echo);
      const question = await talk.answerNext({ decision: 'approve' });
      const { items, output } = await talk.end();

      expect(question).toMatchObject({
        event: 'mcpServer/elicitation/request',
        kind: 'mcp_elicitation',
        available_decisions: ['approve', 'decline', 'cancel'],
        server_name: 'desk',
        mode: 'form',
        requested_schema: { type: 'object', properties: {} },
        _meta: { codex_approval_kind: 'mcp_tool_call', tool_name: 'echo', tool_params: { roomName: 'blue' } },
      });
      expect(callOf(items)).toMatchObject({ status: 'completed', arguments: { roomName: 'blue' } });
      expect(textOf(output)).toBe('{"roomName":"blue"}');
    });

    it('decline: the turn goes on without the call', async () => {
      const talk = await Conversation.start(app, echo);
      await talk.answerNext({ decision: 'decline' });
      const { status, items, output } = await talk.end();
      expect(status).toBe('completed');
      expect(callOf(items)).toMatchObject({ status: 'failed' });
      expect(items.at(-1)).toMatchObject({ text: 'Went on.' });
      expect(JSON.stringify(output)).toContain('user rejected MCP tool call');
    });

    it('cancel: the turn is interrupted', async () => {
      const talk = await Conversation.start(app, echo);
      await talk.answerNext({ decision: 'cancel' });
      expect((await talk.end()).status).toBe('interrupted');
    });
  });

  describe('from within a tool', () => {
    it('shows the form as the server wrote it; approve hands it the content', async () => {
      const talk = await untilForm();
      const content = { guestName: 'Ann', guestCount: 2, mail: 'ann@example.test', isVegetarian: false };
      const question = await talk.answerNext({ decision: 'approve', content });
      const { status, output } = await talk.end();

      expect(question).toMatchObject({
        message: 'Who comes?',
        requested_schema: {
          properties: { guestName: { type: 'string', minLength: 2 }, guestCount: { minimum: 1, maximum: 8 } },
          required: ['guestName', 'guestCount'],
        },
      });
      expect(status).toBe('completed');
      expect(JSON.parse(textOf(output) as string)).toEqual({ action: 'accept', content });
    });

    it('refuses content that does not fit with every fault, and goes on waiting', async () => {
      const talk = await untilForm();
      const { approval_id: id } = await talk.question();
      const wrong = await talk
        .answer(id, { decision: 'approve', content: { guestCount: 9, mail: 'nowhere', isVegetarian: 'yes' } })
        .expect(422);
      expect(wrong.body).toMatchObject({ code: 'unprocessable' });
      const errors = (wrong.body as { errors: { path: string; message: string }[] }).errors;
      expect(errors.map(({ path, message }) => `${path}: ${message}`).sort()).toEqual([
        'content.guestCount: must be <= 8',
        "content.guestName: must have required property 'guestName'",
        'content.isVegetarian: must be boolean',
        'content.mail: must match format "email"',
      ]);
      await talk.answer(id, { decision: 'approve' }).expect(422);
      await talk.answer(id, { decision: 'approve', content: 'Ann' }).expect(400);
      await talk.answer(id, { decision: 'approve_for_session' }).expect(400);
      await talk.answer(id, { decision: 'approve', content: { guestName: 'Ann', guestCount: 1 } }).expect(200);
      expect((await talk.end()).status).toBe('completed');
    });

    it('decline: the server hears of it, and the turn goes on', async () => {
      const talk = await untilForm();
      await talk.answerNext({ decision: 'decline' });
      const { status, items, output } = await talk.end();
      expect(status).toBe('completed');
      expect(JSON.parse(textOf(output) as string)).toEqual({ action: 'decline' });
      expect(items.at(-1)).toMatchObject({ text: 'Went on.' });
    });

    it('cancel: the turn is interrupted', async () => {
      const talk = await untilForm();
      await talk.answerNext({ decision: 'cancel' });
      const { status, items } = await talk.end();
      expect(status).toBe('interrupted');
      expect(items.some(({ type }) => type === 'agent_message')).toBe(false);
    });
  });
});
