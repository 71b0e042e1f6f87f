import { ChatClient, type ChatReply, functionTool as chatTool, tool, user } from '../support/chat.js';
import { functionTool, outputsOf, type ResponseBody, ResponsesClient, textOf } from '../support/responses.js';
import { App, type Json } from '../support/start-app.js';

describe('a provider that numbers its items anew in each answer', () => {
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

  const itemsOf = async (threadId: string): Promise<Json[]> =>
    (
      (await app.get(`/api/v2/threads/${threadId}/items?sort_direction=asc`).expect(200)).body as {
        data: { item: Json }[];
      }
    ).data.map(({ item }) => item);

  const numbered = (...answers: string[]): void => {
    app.model.enqueue(...answers.map((answer) => `ids: numbered\n${answer}`));
  };

  it('loses nothing of a turn: commands, patches, thoughts and messages stand in their order, each with its own id', async () => {
    const threadId = await app.createThread();
    numbered('run: echo 1', 'run: echo 2', 'think: Hm.\nsay: One.\nrun: echo 3', 'think: Hm!\nsay: Two.');
    const turn = await app.runTurn(threadId, 'Count.');
    const words = ({ type, text, summary, aggregated_output: output }: Json): unknown => [
      type,
      text ?? summary ?? output,
    ];
    expect(turn.items.slice(1).map(words)).toEqual([
      ['command_execution', '1\n'],
      ['command_execution', '2\n'],
      ['reasoning', ['Hm.']],
      ['agent_message', 'One.'],
      ['command_execution', '3\n'],
      ['reasoning', ['Hm!']],
      ['agent_message', 'Two.'],
    ]);
    numbered('run: echo 4', 'say: Three.');
    const next = await app.runTurn(threadId, 'More.');
    const items = await itemsOf(threadId);
    expect(items).toEqual([...turn.items, ...next.items]);
    expect(new Set(items.map(({ id }) => id)).size).toBe(11);
  });

  it('tells each event of the item that it is about', async () => {
    const threadId = await app.createThread();
    numbered('say: One.\nrun: echo 1', 'say: Two.\nrun: echo 2', 'say: Three.');
    const turn = await app.runTurn(threadId, 'Count.');
    const stream = await app.stream(threadId, '?after=0');
    await stream.turnEnd(turn.turn_id);
    stream.close();
    const said = stream.events.filter(({ event }) => event === 'item/agentMessage/delta').map(({ data }) => data);
    const messages = turn.items.filter(({ type }) => type === 'agent_message');
    expect(said.map(({ item_id: id, delta }) => [id, delta])).toEqual(messages.map(({ id, text }) => [id, text]));
    for (const name of ['item/started', 'item/completed']) {
      const told = stream.events.filter(({ event }) => event === name).map(({ data }) => (data.item as Json).id);
      expect(told).toEqual(turn.items.map(({ id }) => id));
    }
    const end = stream.events.find(({ event }) => event === 'turn/completed')?.data.turn as { items: Json[] };
    expect(end.items.map(({ id }) => id)).toEqual([messages.at(-1)?.id]);
  });

  it('asks about each escalated command as the one that it is', async () => {
    const threadId = await app.createThread();
    numbered(
      'run escalated: echo first because: it is the first',
      'run escalated: echo second because: it is the second',
      'run escalated: echo third because: it is the third',
      'say: Fin.',
    );
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    const { turn_id: turnId } = await app.submit(threadId, 'Go.');
    const asked: Json[] = [];
    for (const decision of ['approve', 'decline', 'approve']) {
      const isNew = ({ data }: { data: Json }): boolean => !asked.some(({ seq }) => seq === data.seq);
      const { data } = await stream.until(
        (frame) => frame.event === 'item/commandExecution/requestApproval' && isNew(frame),
      );
      asked.push(data);
      const path = `/api/v2/threads/${threadId}/approvals/${String(data.item_id)}`;
      await app.post(path, { decision }).expect(200);
    }
    await stream.turnEnd(turnId);
    stream.close();
    const commands = (await itemsOf(threadId)).filter(({ type }) => type === 'command_execution');
    expect(commands.map(({ status, aggregated_output: output }) => [status, output])).toEqual([
      ['completed', 'first\n'],
      ['declined', null],
      ['completed', 'third\n'],
    ]);
    expect(asked.map(({ item_id: id }) => id)).toEqual(commands.map(({ id }) => id));
    const approvals = (await app.get(`/api/v2/threads/${threadId}/approvals?limit=10`).expect(200)).body as {
      data: Json[];
    };
    const byId = new Map(approvals.data.map(({ item_id: id, decision }) => [id, decision]));
    expect(commands.map(({ id }) => byId.get(id))).toEqual(['approve', 'decline', 'approve']);
  });

  it('has each call of a caller answered as the one that it is, in chat', async () => {
    const tools = [chatTool('weather')];
    const messages: Json[] = [user('Where is it warm?')];
    numbered(
      'call: weather {"city":"Oslo"}',
      'call: weather {"city":"Rome"}',
      'call: weather {"city":"Oslo"}',
      'say: Fin.',
    );
    const replies: ChatReply[] = [];
    for (const output of ['cold', 'warm', 'cold still']) {
      const reply = await chat.send({ messages, tools });
      replies.push(reply);
      messages.push({ ...reply.message }, tool(reply.message.tool_calls?.[0]?.id, output));
    }
    const last = await chat.send({ messages, tools });
    expect(last.message.content).toBe('Fin.');
    expect(new Set([...replies, last].map(({ threadId }) => threadId)).size).toBe(1);
    expect(new Set(replies.map(({ message }) => message.tool_calls?.[0]?.id)).size).toBe(3);
    const outputs = (app.model.requests.at(-1)?.body.input as Json[]).filter(
      ({ type }) => type === 'function_call_output',
    );
    expect(JSON.stringify(outputs.map(({ output }) => output))).toMatch(/cold.*warm.*cold still/);
  });

  it('never has one conversation of chat end the turn of another, whose call has the same number', async () => {
    const tools = [chatTool('weather')];
    numbered('call: weather {"city":"Oslo"}', 'call: weather {"city":"Rome"}');
    const ask = (city: string): Json[] => [user(`How is it in ${city}?`)];
    const oslo = await chat.send({ messages: ask('Oslo'), tools });
    const rome = await chat.send({ messages: ask('Rome'), tools });
    const edited = [...ask('Bergen'), { ...rome.message }, tool(rome.message.tool_calls?.[0]?.id, 'warm')];
    numbered('say: Edited.', 'say: Cold.');
    expect((await chat.send({ messages: edited, tools })).message.content).toBe('Edited.');
    const said = [...ask('Oslo'), { ...oslo.message }, tool(oslo.message.tool_calls?.[0]?.id, 'cold')];
    const reply = await chat.send({ messages: said, tools });
    expect([reply.threadId, reply.message.content]).toEqual([oslo.threadId, 'Cold.']);
  });

  it('gets items of their own in the Responses API, over turns and threads', async () => {
    const tools = [functionTool('weather'), functionTool('time')];
    const made: ResponseBody[] = [];
    for (const input of ['First?', 'Second?']) {
      numbered('think: Hm.\ncall: weather {"city":"Oslo"}\nalso call: time {"city":"Oslo"}');
      numbered('say: On.\ncall: weather {"city":"Rome"}', 'say: Fin.');
      let response = await responses.create({ input, tools });
      made.push(response);
      while (response.output.some(({ type }) => type === 'function_call')) {
        response = await responses.create({ previous_response_id: response.id, input: outputsOf(response), tools });
        made.push(response);
      }
      expect(textOf(response)).toBe('Fin.');
    }
    const output = made.flatMap((response) => response.output);
    expect(output.map(({ type }) => type)).toEqual([
      ...['reasoning', 'function_call', 'function_call', 'message', 'function_call', 'message'],
      ...['reasoning', 'function_call', 'function_call', 'message', 'function_call', 'message'],
    ]);
    expect(new Set(output.map(({ id }) => id)).size).toBe(12);
    const calls = output.filter(({ type }) => type === 'function_call');
    expect(new Set(calls.map(({ call_id: id }) => id)).size).toBe(6);
    const referred = output.filter(({ type }) => type === 'message').map(({ id }) => ({ type: 'item_reference', id }));
    numbered('say: Seen.');
    await responses.create({ input: [...referred, { role: 'user', content: 'Go on.' }], tools });
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toMatch(/"On\.".*"Fin\.".*"On\.".*"Fin\."/);
  });

  it('keeps commands apart in the Responses API too', async () => {
    numbered('run: echo 1', 'run: echo 2', 'say: Fin.');
    const events = await responses.with({ 'X-Codex-Events': '1' }).stream({ input: 'Count.' });
    const { output } = events.at(-1)?.response as ResponseBody;
    const commands = output.filter(({ type }) => type === 'codex:command_execution');
    expect(commands.map(({ aggregated_output: text }) => text)).toEqual(['1\n', '2\n']);
    expect(new Set(commands.map(({ id }) => id)).size).toBe(2);
  });
});
