import { Conversation } from '../support/conversation.js';
import { App, type Json } from '../support/start-app.js';

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const TOOL = {
  type: 'function',
  name: 'weather',
  description: 'The weather in a city.',
  input_schema: { type: 'object', properties: { cityName: { type: 'string' } } },
};

describe("calls of the caller's own tools", () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  const call = (): Promise<Conversation> =>
    Conversation.start(app, 'call: weather {"cityName": "Rome"}\nsay: Went on.', { dynamic_tools: [TOOL] });

  const itemOf = (items: Json[]): Json | undefined => items.find(({ type }) => type === 'dynamic_tool_call');

  it('approve: text and image of the result reach the model', async () => {
    const talk = await call();
    const content = [
      { type: 'text', text: 'Sunny.' },
      { type: 'image', image_url: PIXEL },
    ];
    const question = await talk.answerNext({ decision: 'approve', result: { content } });
    const { status, items, output } = await talk.end();

    expect(question).toMatchObject({
      event: 'item/tool/call',
      kind: 'tool_call',
      available_decisions: ['approve', 'decline'],
      tool: 'weather',
      arguments: { cityName: 'Rome' },
    });
    expect(status).toBe('completed');
    expect(itemOf(items)).toMatchObject({ id: question.item_id, status: 'completed', success: true });
    expect(output).toEqual([
      { type: 'input_text', text: 'Sunny.' },
      expect.objectContaining({ type: 'input_image', image_url: expect.stringMatching(/^data:image\//) as string }),
    ]);
  });

  it('approve with success false: the model gets the text of a failed call', async () => {
    const talk = await call();
    await talk.answerNext({
      decision: 'approve',
      result: { content: [{ type: 'text', text: 'No such city.' }], success: false },
    });
    const { status, items, output } = await talk.end();
    expect(status).toBe('completed');
    expect(itemOf(items)).toMatchObject({ status: 'failed', success: false });
    expect(output).toBe('No such city.');
  });

  it('decline: the model hears that the call failed, and the turn goes on', async () => {
    const talk = await call();
    await talk.answerNext({ decision: 'decline' });
    const { status, items, output } = await talk.end();
    expect(status).toBe('completed');
    expect(itemOf(items)).toMatchObject({ status: 'failed', success: false });
    expect(output).toBe('The caller declined to run this tool.');
    expect(items.at(-1)).toMatchObject({ text: 'Went on.' });
  });

  it('refuses a result that is missing or that the engine could not take, and goes on waiting', async () => {
    const talk = await call();
    const { approval_id: id } = await talk.question();
    const refused = [
      [undefined, 'result'],
      [{}, 'result.content'],
      [{ content: 'Sunny.' }, 'result.content'],
      [{ content: [{ type: 'text' }] }, 'result.content[0].text'],
      [{ content: [{ type: 'video', text: 'x' }] }, 'result.content[0].type'],
      [{ content: [{ type: 'image', url: PIXEL }] }, 'result.content[0].image_url'],
    ] as const;
    for (const [result, path] of refused) {
      const answer = await talk.answer(id, { decision: 'approve', result }).expect(400);
      expect((answer.body as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path);
    }
    await talk.answer(id, { decision: 'cancel' }).expect(400);
    await talk.answer(id, { decision: 'approve', result: { content: [] } }).expect(200);
    expect((await talk.end()).status).toBe('completed');
  });
});
