import { App, type Json } from '../support/start-app.js';
import { type ResponseBody, ResponsesClient } from '../support/responses.js';

const user = (text: string): Json => ({ role: 'user', content: text });

interface Page {
  data: (Json & { id: string; content: { text: string }[] })[];
}

describe('the items of a conversation', () => {
  let app: App;
  let api: ResponsesClient;
  let path: string;
  let conversation: string;

  beforeAll(async () => {
    app = await App.start();
    api = new ResponsesClient(app);
  });
  beforeEach(async () => {
    const made = (await app.post('/v1/conversations', {}).expect(200)).body as { id: string };
    conversation = made.id;
    path = `/v1/conversations/${conversation}/items`;
  });
  afterAll(() => app.stop());

  const add = async (...items: Json[]): Promise<Page> => (await app.post(path, { items }).expect(200)).body as Page;
  const texts = async (): Promise<unknown[]> => {
    const page = (await app.get(`${path}?order=asc`).expect(200)).body as Page;
    return page.data.map(({ content }) => content[0]?.text);
  };

  it('are added, and taken up by the next response', async () => {
    const added = await add(user('I am Ann.'), { role: 'assistant', content: 'Hello Ann.' });
    expect(added).toEqual({
      object: 'list',
      data: [
        expect.objectContaining({
          type: 'message',
          role: 'user',
          content: [{ type: 'input_text', text: 'I am Ann.' }],
        }),
        expect.objectContaining({ type: 'message', role: 'assistant' }),
      ],
      first_id: added.data[0]?.id,
      last_id: added.data[1]?.id,
      has_more: false,
    });
    await add(user('I have a cat.'));
    await api.create({ input: 'say: Noted.', conversation });
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toMatch(/I am Ann.*Hello Ann.*I have a cat/);
    await add(user('And a dog.'));
    const all = ['I am Ann.', 'Hello Ann.', 'I have a cat.', 'say: Noted.', 'Noted.', 'And a dog.'];
    expect(await texts()).toEqual(all);
    await api.create({ input: 'say: Too.', conversation });
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain('And a dog.');
    expect(await texts()).toEqual([...all, 'say: Too.', 'Too.']);
  });

  it('are all there when they are added at once', async () => {
    const said = Array.from({ length: 8 }, (_, at) => `said ${String(at)}`);
    await Promise.all(said.map((text) => add(user(text))));
    expect((await texts()).sort()).toEqual(said);
  });

  it('are read and deleted one by one, but for what a response has taken up', async () => {
    const { data } = await add(user('one'), user('two'));
    const [one, two] = data.map(({ id }) => `${path}/${id}`);
    expect((await app.get(String(one)).expect(200)).body).toEqual(data[0]);
    const left = (await app.delete(String(one)).expect(200)).body as Json;
    expect(left).toMatchObject({ id: conversation, object: 'conversation' });
    expect((await app.get(String(one)).expect(404)).body).toMatchObject({
      error: { code: 'item_not_found', param: 'item_id' },
    });
    await api.create({ input: 'say: Hi.', conversation });
    const refused = await app.delete(String(two)).expect(400);
    expect(refused.body).toMatchObject({ error: { code: 'item_not_deletable', param: 'item_id' } });
    expect(await texts()).toEqual(['two', 'say: Hi.', 'Hi.']);
  });

  it('are refused where they are none', async () => {
    const codeOf = async (items: unknown): Promise<unknown> =>
      ((await app.post(path, { items }).expect(400)).body as { error: ResponseBody }).error.code;
    expect(await codeOf([{ type: 'odd' }])).toBe('invalid_value');
    expect(await codeOf([{ type: 'item_reference', id: 'msg_none' }])).toBe('item_not_found');
    expect(await codeOf(undefined)).toBe('missing_required_parameter');
    await app.post('/v1/conversations/conv_none/items', { items: [user('x')] }).expect(404);
  });
});
