import { Conversation } from '../support/conversation.js';
import { withDesk } from '../support/elicitation-config.js';
import { App, type Json, WRITABLE } from '../support/start-app.js';

const TIMEOUT_MS = 250;

const TOOL = { type: 'function', name: 'weather', description: 'Weather.', input_schema: { type: 'object' } };
const OPTIONS = [
  { label: 'small', description: 'Less.' },
  { label: 'large', description: 'More.' },
];
const QUESTIONS = { questions: [{ id: 'size', header: 'Size', question: 'Which size?', options: OPTIONS }] };
const CONFIG = {
  ...WRITABLE.config,
  'features.request_permissions_tool': true,
  'features.default_mode_request_user_input': true,
};

describe('an approval that nobody answers in time', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start({ args: ['--approval-timeout', String(TIMEOUT_MS / 1000)], config: withDesk });
  });

  afterAll(async () => {
    await app.stop();
  });

  const outside = (): string => `${app.scratch.root}/never.txt`;

  it.each([
    ['command_execution', () => `run escalated: echo x > ${outside()} because: y`, {}, 'rejected by user'],
    [
      'file_change',
      () => `patch: *** Begin Patch\n*** Add File: ${outside()}\n+x\n*** End Patch`,
      {},
      'rejected by user',
    ],
    [
      'permissions',
      () => `call: request_permissions {"permissions":{"network":{"enabled":true}}}`,
      { config: CONFIG },
      '"network":null',
    ],
    ['user_input', () => `ask: ${JSON.stringify(QUESTIONS)}`, { config: CONFIG }, '{"answers":{}}'],
    ['mcp_elicitation', () => 'mcp: desk echo {}', {}, 'user rejected MCP tool call'],
    ['tool_call', () => 'call: weather {}', { dynamic_tools: [TOOL] }, 'declined to run this tool'],
  ])('counts as declined, and the turn goes on: %s', async (kind, script, body, output) => {
    const talk = await Conversation.start(app, `${script()}\nsay: Went on.`, body);
    const question = await talk.question();
    const { approval_id: id, item_id: itemId, expires_at: expiresAt } = question;
    const resolved = await talk.resolved(id);
    const late = await talk.answer(id, { decision: 'approve' }).expect(410);
    const ending = await talk.end();

    expect(late.body).toMatchObject({ code: 'approval_expired' });
    expect(Date.parse(expiresAt as string) - Date.parse(question.emitted_at as string)).toBeLessThanOrEqual(TIMEOUT_MS);
    const about = { approval_id: id, item_id: itemId, kind, turn_id: talk.turnId };
    const expired = talk.stream.frames.filter(({ event }) => event === 'approval/expired');
    expect(expired.map(({ data }) => data)).toEqual([
      expect.objectContaining({ ...about, expires_at: expiresAt, seq: (resolved.seq as number) - 1 }),
    ]);
    expect(resolved).toMatchObject({ ...about, status: 'expired', decision: null });
    expect(ending.status).toBe('completed');
    expect(ending.items.at(-1)).toMatchObject({ text: 'Went on.' });
    expect(typeof ending.output === 'string' ? ending.output : JSON.stringify(ending.output)).toContain(output);
    const list = await app.get(`${talk.path}/approvals?status=expired`).expect(200);
    expect((list.body as { data: Json[] }).data).toMatchObject([
      { approval_id: id, status: 'expired', decision: null },
    ]);
  });
});
