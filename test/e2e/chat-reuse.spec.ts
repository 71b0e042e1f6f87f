import { ChatClient, type ChatReply, functionTool, system, tool, toStory, user } from '../support/chat.js';
import { App, type Json } from '../support/start-app.js';

describe('a conversation that goes on', () => {
  let app: App;
  let chat: ChatClient;

  beforeAll(async () => {
    app = await App.start();
    chat = new ChatClient(app);
  });

  afterAll(async () => {
    await app.stop();
  });

  const lastStory = (): string[] => app.model.requests.slice(-1).flatMap(toStory);

  /** What the engine itself holds, not what this server remembers. */
  async function engineThreads(): Promise<number> {
    const body: unknown = (await app.get('/api/v2/threads/loaded?limit=100').expect(200)).body;
    return (body as { data: unknown[] }).data.length;
  }

  async function turnsOf(threadId: string): Promise<Json[]> {
    const body: unknown = (await app.get(`/api/v2/threads/${threadId}/turns?limit=100`).expect(200)).body;
    return (body as { data: Json[] }).data;
  }

  it('stays in one thread: only what is new is handed to it', async () => {
    const before = await engineThreads();
    const messages: Json[] = [system('Be brief.'), user('say: One.')];
    const replies: ChatReply[] = [];
    for (const next of ['say: Two.', 'say: Three.', 'say: Four.']) {
      const reply = await chat.send({ messages });
      replies.push(reply);
      messages.push({ role: 'assistant', content: reply.message.content }, user(next));
    }
    const threadIds = new Set(replies.map(({ threadId }) => threadId));
    expect([threadIds.size, (await engineThreads()) - before]).toEqual([1, 1]);
    expect(lastStory()).toEqual([
      'developer: Be brief.',
      'user: say: One.',
      'assistant: One.',
      'user: say: Two.',
      'assistant: Two.',
      'user: say: Three.',
    ]);
    const inputs = (await turnsOf(replies[0]?.threadId ?? '')).map(({ input }) => (input as Json[])[0]?.text);
    expect(inputs.sort()).toEqual(['say: One.', 'say: Three.', 'say: Two.']);
  });

  it('is known however a client writes the messages down', async () => {
    const tools = [functionTool('weather')];
    const first = await chat.send({ messages: [user('call: weather {"a":1, "b":2}\nsay: Fine. ')], tools });
    const [call] = first.message.tool_calls ?? [];
    const second = await chat.send({
      tools,
      messages: [
        user([{ type: 'text', text: 'call: weather {"a":1, "b":2}\nsay: Fine. ' }]),
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ ...call, index: 0, function: { name: 'weather', arguments: '{"b":2,"a":1}' } }],
        },
        tool(call?.id, 'sun'),
      ],
    });
    expect([second.threadId, second.message.content]).toEqual([first.threadId, 'Fine.']);
  });

  it('that is asked again, or differently, gets a thread of its own with the whole of it', async () => {
    const opening = [user('say: One.')];
    const first = await chat.send({ messages: opening });
    const history = [...opening, { role: 'assistant', content: 'One.' }];
    const second = await chat.send({ messages: [...history, user('say: Two.')] });
    const again = await chat.send({ messages: [...history, user('say: Other.')] });
    const edited = await chat.send({
      messages: [user('say: Uno.'), { role: 'assistant', content: 'One.' }, user('say: Due.')],
    });
    const instructed = await chat.send({ messages: [system('Shout.'), ...history, user('say: TWO.')] });
    expect(second.threadId).toBe(first.threadId);
    expect(new Set([first, again, edited, instructed].map(({ threadId }) => threadId)).size).toBe(4);
    expect(lastStory()).toEqual(['developer: Shout.', 'user: say: One.', 'assistant: One.', 'user: say: TWO.']);
  });

  it('is taken up by one of two that come at the same time; the other gets a thread of its own', async () => {
    const first = await chat.say('say: One.');
    const messages = [user('say: One.'), { role: 'assistant', content: 'One.' }, user('gate: both\nsay: Two.')];
    const both = [chat.send({ messages }), chat.send({ messages })];
    await app.model.reached('both', 2);
    app.model.release('both');
    const threadIds = (await Promise.all(both)).map(({ threadId }) => threadId);
    expect(threadIds.filter((threadId) => threadId === first.threadId)).toHaveLength(1);
    expect(new Set(threadIds).size).toBe(2);
  });

  it('that went on elsewhere meanwhile gets a thread of its own', async () => {
    const first = await chat.say('say: One.');
    await app.runTurn(first.threadId, 'say: From elsewhere.');
    const second = await chat.send({
      messages: [user('say: One.'), { role: 'assistant', content: 'One.' }, user('say: Two.')],
    });
    expect(second.threadId).not.toBe(first.threadId);
    expect(lastStory()).toEqual(['user: say: One.', 'assistant: One.', 'user: say: Two.']);
  });

  it('is found again after a crash of the server', async () => {
    const first = await chat.say('say: One, before the crash.');
    await app.server.signal('SIGKILL');
    await app.restart();
    const said = { role: 'assistant', content: 'One, before the crash.' };
    const second = await chat.send({ messages: [user('say: One, before the crash.'), said, user('say: Two.')] });
    expect([second.threadId, second.message.content]).toEqual([first.threadId, 'Two.']);
    expect(lastStory()).toEqual([
      'user: say: One, before the crash.',
      'assistant: One, before the crash.',
      'user: say: Two.',
    ]);
  });

  it('can be pinned to a thread, also to one that was begun elsewhere', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Begun natively.');
    const pinned = new ChatClient(app, { 'X-Codex-Thread': threadId });
    const messages = [user('anything'), { role: 'assistant', content: 'at all' }, user('say: Gone on.')];
    const reply = await pinned.send({ messages });
    expect([reply.threadId, reply.message.content]).toEqual([threadId, 'Gone on.']);
    expect(lastStory().slice(-3)).toEqual([
      'user: say: Begun natively.',
      'assistant: Begun natively.',
      'user: say: Gone on.',
    ]);
    expect((await turnsOf(threadId)).length).toBe(2);
    const refusals = [
      await pinned.refused({ messages: [user('say: Hi')], tools: [functionTool('weather')] }),
      await new ChatClient(app, { 'X-Codex-Thread': threadId, 'X-Codex-Mode': 'model' }).refused({ messages }),
      await new ChatClient(app, { 'X-Codex-Thread': 'nowhere' }).refused({ messages }),
    ];
    expect(refusals.map(({ status, param }) => [status, param])).toEqual([
      [400, 'tools'],
      [400, 'X-Codex-Mode'],
      [404, null],
    ]);
  });

  it('ends with its client in model mode, and goes on without it in agent mode', async () => {
    for (const [mode, status] of [
      ['model', 'interrupted'],
      ['agent', 'completed'],
    ] as const) {
      const gone = new AbortController();
      const client = new ChatClient(app, { 'X-Codex-Mode': mode });
      const script = `say: Begun.\ngate: ${mode}\nsay: Ended.`;
      const response = await client.open({ messages: [user(script)] }, gone.signal);
      const threadId = response.headers.get('x-codex-thread') ?? '';
      const events = await app.stream(threadId, '?after=0');
      await app.model.reached(mode);
      gone.abort();
      if (mode === 'agent') {
        app.model.release(mode);
      }
      const end = await events.until('turn/completed');
      events.close();
      expect([mode, (end.data.turn as Json).status]).toEqual([mode, status]);
    }
  });
});
