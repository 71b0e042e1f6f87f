import { ChatClient, type ChatReply, functionTool, tool, toStory, user } from '../support/chat.js';
import { App, type Json } from '../support/start-app.js';

const TOOLS = [functionTool('weather'), functionTool('clock_time')];

const TWO_CALLS = [
  'say: Let me see.',
  'call: weather {"city":"Oslo"}',
  'also call: clock_time {"city":"Rome"}',
  'say: Sunny, at noon.',
].join('\n');

describe('tools of a chat', () => {
  let app: App;
  let chat: ChatClient;

  beforeAll(async () => {
    app = await App.start();
    chat = new ChatClient(app);
  });

  afterAll(async () => {
    await app.stop();
  });

  const callsOf = ({ message }: ChatReply): Json[] =>
    (message.tool_calls ?? []).map(({ function: { name, arguments: args } }) => ({ name, arguments: args }));

  const idsOf = ({ message }: ChatReply): string[] => (message.tool_calls ?? []).map(({ id }) => id);

  const lastStory = (): string[] => app.model.requests.slice(-1).flatMap(toStory);

  it('are called together, and the answer goes on in the same thread once all have answered', async () => {
    const messages = [user(TWO_CALLS)];
    const asked = await chat.send({ messages, tools: TOOLS });
    expect([asked.finishReason, asked.message.content, callsOf(asked)]).toEqual([
      'tool_calls',
      'Let me see.',
      [
        { name: 'weather', arguments: '{"city":"Oslo"}' },
        { name: 'clock_time', arguments: '{"city":"Rome"}' },
      ],
    ]);
    const [weather, time] = idsOf(asked);
    const before = app.model.requests.length;
    const outputs = [tool(time, '12:00'), tool(weather, [{ type: 'text', text: 'sun' }])];
    const answered = await chat.send({ messages: [...messages, asked.message, ...outputs], tools: TOOLS });
    expect([answered.finishReason, answered.message.content]).toEqual(['stop', 'Sunny, at noon.']);
    expect(answered.threadId).toBe(asked.threadId);
    expect(app.model.requests.length - before).toBe(1);
    expect(lastStory().slice(1).sort()).toEqual(
      [
        'assistant: Let me see.',
        'call weather {"city":"Oslo"}',
        'call clock_time {"city":"Rome"}',
        'output "12:00"',
        'output "sun"',
      ].sort(),
    );
  });

  it('come in a stream as one chunk each, with their places', async () => {
    const { data } = await chat.stream({ messages: [user(TWO_CALLS)], tools: TOOLS });
    const choices = (data as Json[]).flatMap((chunk) => (chunk.choices as Json[] | undefined) ?? []);
    const deltas = choices.map(({ delta }) => delta as Json);
    expect(deltas.flatMap(({ tool_calls: calls }) => (calls as Json[] | undefined) ?? [])).toEqual([
      {
        index: 0,
        id: expect.any(String) as string,
        type: 'function',
        function: { name: 'weather', arguments: '{"city":"Oslo"}' },
      },
      {
        index: 1,
        id: expect.any(String) as string,
        type: 'function',
        function: { name: 'clock_time', arguments: '{"city":"Rome"}' },
      },
    ]);
    expect(choices.map(({ finish_reason: reason }) => reason).filter((reason) => reason !== null)).toEqual([
      'tool_calls',
    ]);
  });

  it.each(['gpt-5.5', 'gpt-6.1-sol'])(
    'work with %s, to which the engine offers tools in its own way',
    async (model) => {
      const messages: Json[] = [user(TWO_CALLS)];
      const asked: Json[] = [];
      let reply = await chat.send({ messages, tools: TOOLS, model });
      while (reply.finishReason === 'tool_calls') {
        asked.push(...callsOf(reply));
        messages.push({ ...reply.message }, ...idsOf(reply).map((id) => tool(id, 'fine')));
        const next = await chat.send({ messages, tools: TOOLS, model });
        expect(next.threadId).toBe(reply.threadId);
        reply = next;
      }
      expect(asked.map(({ name }) => name)).toEqual(['weather', 'clock_time']);
      expect(reply.message.content).toBe('Sunny, at noon.');
      // A thread of its own, whose history is made of what the client sends.
      const again = await chat.send({ messages, tools: TOOLS, model });
      expect([again.threadId === reply.threadId, again.message.content]).toEqual([false, 'Sunny, at noon.']);
    },
  );

  it('come one at a time for a client that takes no parallel calls, and none is lost', async () => {
    const more = { tools: TOOLS, parallel_tool_calls: false };
    const messages: Json[] = [user(TWO_CALLS)];
    const first = await chat.send({ messages, ...more });
    expect(callsOf(first)).toEqual([{ name: 'weather', arguments: '{"city":"Oslo"}' }]);
    messages.push({ ...first.message }, tool(idsOf(first)[0], 'sun'));
    const second = await chat.send({ messages, ...more });
    expect(callsOf(second)).toEqual([{ name: 'clock_time', arguments: '{"city":"Rome"}' }]);
    messages.push({ ...second.message }, tool(idsOf(second)[0], '12:00'));
    const last = await chat.send({ messages, ...more });
    expect([last.finishReason, last.message.content]).toEqual(['stop', 'Sunny, at noon.']);
    expect([second.threadId, last.threadId]).toEqual([first.threadId, first.threadId]);
  });

  it('may answer together with something new from the user', async () => {
    const messages = [user('call: weather {"city":"Oslo"}\nsay: Sunny.')];
    const asked = await chat.send({ messages, tools: TOOLS });
    const answered = await chat.send({
      tools: TOOLS,
      messages: [...messages, asked.message, tool(idsOf(asked)[0], 'sun'), user('say: And now this.')],
    });
    expect([answered.threadId, answered.message.content]).toEqual([asked.threadId, 'And now this.']);
    expect(lastStory().slice(-2)).toEqual(['output "sun"', 'user: say: And now this.']);
  });

  it('may answer with an image', async () => {
    const url =
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
    const messages = [user('call: weather {"city":"Oslo"}\nsay: I see.')];
    const asked = await chat.send({ messages, tools: TOOLS });
    const picture = tool(idsOf(asked)[0], [
      { type: 'text', text: 'look:' },
      { type: 'image_url', image_url: { url } },
    ]);
    const answered = await chat.send({ tools: TOOLS, messages: [...messages, asked.message, picture] });
    expect([answered.threadId, answered.message.content]).toEqual([asked.threadId, 'I see.']);
    expect(lastStory().at(-1)).toContain(url);
  });

  it('are found again after a crash, in a new thread that is given the whole conversation', async () => {
    const messages = [user(TWO_CALLS)];
    const asked = await chat.send({ messages, tools: TOOLS });
    await app.server.signal('SIGKILL');
    await app.restart();
    const outputs = idsOf(asked).map((id, index) => tool(id, `output ${String(index)}`));
    const answered = await chat.send({ tools: TOOLS, messages: [...messages, asked.message, ...outputs] });
    expect(answered.message.content).toBe('Sunny, at noon.');
    expect(answered.threadId).not.toBe(asked.threadId);
    expect(lastStory()).toEqual([
      `user: ${TWO_CALLS}`,
      'assistant: Let me see.',
      'call weather {"city":"Oslo"}',
      'call clock_time {"city":"Rome"}',
      'output "output 0"',
      'output "output 1"',
    ]);
  });

  it('are not offered when none may be called', async () => {
    const { message } = await chat.say('say: No call.', { tools: TOOLS, tool_choice: 'none' });
    expect(message.content).toBe('No call.');
    expect(app.model.requests.at(-1)?.tools.map(({ name }) => name)).toEqual(['request_user_input']);
  });

  it('are narrowed to the one that must be called, which the model is told', async () => {
    const choice = { type: 'function', function: { name: 'weather' } };
    const script = 'call: weather {"city":"Oslo"}';
    const reply = await chat.say(script, { tools: TOOLS, tool_choice: choice });
    expect(callsOf(reply)).toEqual([{ name: 'weather', arguments: '{"city":"Oslo"}' }]);
    expect(app.model.requests.at(-1)?.tools.map(({ name }) => name)).toEqual(['request_user_input', 'weather']);
    expect(lastStory()[0]).toMatch(/^developer: Answer with a call of a function.*You can call: weather\.$/);
  });

  it('that had to be called and were not make the answer an error', async () => {
    expect(
      await chat.refused({ messages: [user('say: I would rather not.')], tools: TOOLS, tool_choice: 'required' }),
    ).toEqual({
      status: 502,
      message: 'The model answered without the call that tool_choice demands.',
      type: 'server_error',
      param: 'tool_choice',
      code: 'tool_choice_not_followed',
    });
  });

  it("may have the names of the engine's own", async () => {
    const reply = await chat.say('call: caller__exec_command {"city":"Oslo"}', {
      tools: [functionTool('exec_command')],
    });
    expect(callsOf(reply)).toEqual([{ name: 'exec_command', arguments: '{"city":"Oslo"}' }]);
  });

  it('are checked: calls and outputs belong together', async () => {
    const call = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } };
    const asked = { role: 'assistant', content: null, tool_calls: [call] };
    const faults = [
      { messages: [user('Hi'), tool('c1', 'x')], param: 'messages[1].tool_call_id' },
      { messages: [user('Hi'), asked, user('Well?')], param: 'messages[2]' },
      { messages: [user('Hi'), asked], param: 'messages[1]' },
      { messages: [user('Hi'), asked, tool('c2', 'x')], param: 'messages[2].tool_call_id' },
    ];
    for (const { messages, param } of faults) {
      expect(await chat.refused({ messages, tools: TOOLS })).toMatchObject({ status: 400, param });
    }
  });
});
