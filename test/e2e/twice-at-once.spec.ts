import { ChatClient, type ChatReply, functionTool as chatTool, tool, user } from '../support/chat.js';
import {
  functionTool,
  outputsOf,
  type ResponseBody,
  ResponseSocketClient,
  ResponsesClient,
  textOf,
} from '../support/responses.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

/** What meets by chance is tried more than once. */
const ROUNDS = 8;

/** Both requests are sent before the first is answered; more calls make the moment longer in which they meet. */
const CALLS = [
  'call: weather {"city":"Oslo"}',
  'also call: weather {"city":"Rome"}',
  'also call: time {"city":"Oslo"}',
];

describe('what a client sends twice at the same time', () => {
  let app: App;
  let chat: ChatClient;
  let responses: ResponsesClient;

  beforeAll(async () => {
    app = await App.start();
    chat = new ChatClient(app);
    responses = new ResponsesClient(app);
  });

  afterAll(async () => {
    await app.stop();
  });

  async function turnsOf(threadId: string): Promise<unknown[]> {
    const answer = await app.get(`/api/v2/threads/${threadId}/turns?limit=100`).expect(200);
    return (answer.body as { data: Json[] }).data.map(({ status }) => status);
  }

  async function timesHeard(threadId: string, words: string): Promise<number> {
    const answer = await app.get(`/api/v2/threads/${threadId}/items?limit=100`).expect(200);
    const items = (answer.body as { data: { item: Json }[] }).data.map(({ item }) => item);
    return items.filter((item) => item.type === 'user_message' && JSON.stringify(item).includes(words)).length;
  }

  it.each([
    ['of all calls', { parallel_tool_calls: true }],
    ['of one call at a time', { parallel_tool_calls: false }],
  ])(
    'outputs %s in chat: one goes on, the other gets a thread of its own, and no turn is interrupted',
    async (_, more) => {
      const tools = [chatTool('weather'), chatTool('time')];
      for (let round = 0; round < ROUNDS; round += 1) {
        const opening = [user(`${CALLS.join('\n')}\nsay: Fin ${String(round)}.`)];
        const asked = await chat.send({ messages: opening, tools, ...more });
        const outputs = (asked.message.tool_calls ?? []).map(({ id }, index) => tool(id, `output ${String(index)}`));
        const messages = [...opening, { ...asked.message }, ...outputs];
        const sent = (): Promise<ChatReply> => chat.send({ messages, tools, ...more });
        const replies = await Promise.all([sent(), sent()]);
        const others = replies.filter(({ threadId }) => threadId !== asked.threadId);
        expect([round, others.length]).toEqual([round, 1]);
        for (const { threadId } of replies) {
          expect(await turnsOf(threadId)).toEqual([more.parallel_tool_calls ? 'completed' : 'in_progress']);
        }
      }
    },
    600_000,
  );

  it('outputs with words beside them in chat: the running turn hears the words once', async () => {
    const tools = [chatTool('weather')];
    for (let round = 0; round < ROUNDS; round += 1) {
      const opening = [user('call: weather {"city":"Oslo"}\nsay: Fin.')];
      const asked = await chat.send({ messages: opening, tools });
      const outputs = (asked.message.tool_calls ?? []).map(({ id }) => tool(id, 'cold'));
      const messages = [...opening, { ...asked.message }, ...outputs, user(`say: Heard ${String(round)}.`)];
      const sent = (): Promise<ChatReply> => chat.send({ messages, tools });
      const replies = await Promise.all([sent(), sent()]);
      expect(replies.filter(({ threadId }) => threadId === asked.threadId)).toHaveLength(1);
      expect([round, await timesHeard(asked.threadId, 'Heard')]).toEqual([round, 1]);
    }
  }, 600_000);

  it.each([
    ['previous_response_id', (asked: ResponseBody) => ({ previous_response_id: asked.id, input: outputsOf(asked) })],
    [
      'the whole history',
      (asked: ResponseBody, opening: string) => ({
        input: [{ role: 'user', content: opening }, ...asked.output, ...outputsOf(asked)],
      }),
    ],
  ])(
    'outputs with %s in the Responses API: both are answered, and no turn is interrupted',
    async (_, toBody) => {
      const tools = [functionTool('weather'), functionTool('time')];
      for (let round = 0; round < ROUNDS; round += 1) {
        const opening = `${CALLS.join('\n')}\nsay: Fin ${String(round)}.`;
        const asked = await responses.place({ input: opening, tools });
        const body = { ...toBody(asked.response, opening), tools };
        const made = await Promise.all([responses.place(body), responses.place(body)]);
        expect(made.map(({ response }) => [response.status, textOf(response)])).toEqual([
          ['completed', `Fin ${String(round)}.`],
          ['completed', `Fin ${String(round)}.`],
        ]);
        expect(made.filter(({ threadId }) => threadId === asked.threadId)).toHaveLength(1);
        for (const { threadId } of made) {
          expect((await turnsOf(threadId)).filter((status) => status !== 'completed')).toEqual([]);
        }
      }
    },
    600_000,
  );

  it.each([
    ['a new message', 'say: Fin.', [], 'say: Heard'],
    ['words beside outputs', 'call: weather {"city":"Oslo"}\nsay: Fin.', outputsOf, 'say: Heard'],
  ] as const)(
    '%s after the whole history in the Responses API: both are answered, and a thread hears it once',
    async (_, opening, toOutputs, words) => {
      const tools = [functionTool('weather')];
      for (let round = 0; round < ROUNDS; round += 1) {
        const first = { role: 'user', content: `${opening}\n${String(round)}` };
        const asked = await responses.place({ input: [first], tools });
        const outputs = typeof toOutputs === 'function' ? toOutputs(asked.response) : toOutputs;
        const said = { role: 'user', content: `${words} ${String(round)}.` };
        const body = { input: [first, ...asked.response.output, ...outputs, said], tools };
        const made = await Promise.all([responses.place(body), responses.place(body)]);
        expect(made.filter(({ threadId }) => threadId === asked.threadId)).toHaveLength(1);
        expect(made.map(({ response }) => response.status)).toEqual(['completed', 'completed']);
        expect([round, await timesHeard(asked.threadId, 'Heard')]).toEqual([round, 1]);
      }
    },
    600_000,
  );

  it('outputs over two WebSockets: both are answered, and no turn is interrupted', async () => {
    const tools = [functionTool('weather'), functionTool('time')];
    const sockets = await Promise.all([ResponseSocketClient.open(app), ResponseSocketClient.open(app)]);
    for (let round = 0; round < ROUNDS; round += 1) {
      const input = `${CALLS.join('\n')}\nsay: Fin ${String(round)}.`;
      const asked = await responses.place({ input, tools });
      const frame = { previous_response_id: asked.response.id, input: outputsOf(asked.response), tools };
      const made = await Promise.all(sockets.map((socket) => socket.create(frame)));
      expect(made.map((response) => [response.status, textOf(response)])).toEqual([
        ['completed', `Fin ${String(round)}.`],
        ['completed', `Fin ${String(round)}.`],
      ]);
      expect((await turnsOf(asked.threadId)).filter((status) => status !== 'completed')).toEqual([]);
    }
    await Promise.all(sockets.map((socket) => socket.close()));
  }, 600_000);

  it('an edit in /messages: one replaces the message, and the other finds it gone', async () => {
    const post = async (body: object): Promise<Response> =>
      fetch(`${app.url}/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(body),
      });
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = `edited-${String(round)}`;
      const begun = await (await post({ type: 'user_message', id, message: 'say: First.' })).text();
      const [, sessionId = ''] = /"session_id":"([^"]+)"/.exec(begun) ?? [];
      await app.runTurn(sessionId, 'say: Second.');
      const edit = { type: 'user_edit', id, message: 'say: Edited.' };
      const answers = await Promise.all([post(edit), post(edit)]);
      const texts = await Promise.all(answers.map((answer) => answer.text()));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
      expect(texts.filter((text) => text.includes('"last_agent_message":"Edited."'))).toHaveLength(1);
      const turns = (await app.get(`/api/v2/threads/${sessionId}/turns?sort_direction=asc`).expect(200)).body as {
        data: { input: Json[]; status: string }[];
      };
      expect(turns.data.map(({ input, status }) => [input[0]?.text, status])).toEqual([
        ['say: First.', 'completed'],
        ['say: Edited.', 'completed'],
      ]);
    }
  }, 600_000);
});
