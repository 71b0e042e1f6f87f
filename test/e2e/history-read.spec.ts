import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

interface HistoryPage {
  data: Json[];
  next_cursor: string | null;
}

describe('reading the history', () => {
  let app: App;
  let threadId: string;
  const turnIds: string[] = [];

  const page = async (path: string): Promise<HistoryPage> => {
    const answer = await app.get(`/api/v2/threads/${threadId}/${path}`).expect(200);
    return answer.body as HistoryPage;
  };
  const walk = async (path: string): Promise<Json[][]> => {
    const pages: Json[][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const next: HistoryPage = await page(`${path}${cursor && `&cursor=${cursor}`}`);
      pages.push(next.data);
      cursor = next.next_cursor;
    }
    return pages;
  };

  beforeAll(async () => {
    app = await App.start();
    threadId = await app.createThread();
    for (const script of [
      'say: One.',
      'say: Before.\nrun: echo two\nsay: Two.',
      'say: Three.',
      'say: Four.',
      'say: 5',
    ]) {
      turnIds.push((await app.runTurn(threadId, script)).turn_id);
    }
  });

  afterAll(async () => {
    await app.stop();
  });

  it('lists turns with the newest first, or the oldest, in pages without a hole', async () => {
    const newest = await walk('turns?limit=2');
    expect(newest.map((data) => data.length)).toEqual([2, 2, 1]);
    expect(newest.flat().map((turn) => turn.turn_id)).toEqual([...turnIds].reverse());
    const oldest = await walk('turns?limit=2&sort_direction=asc');
    expect(oldest.flat()).toEqual(newest.flat().reverse());
  });

  it('lists items with the oldest first, or the newest, each under its turn', async () => {
    const oldest = await walk('items?limit=3');
    expect(oldest.map((data) => data.length)).toEqual([3, 3, 3, 3]);
    const kinds = oldest
      .flat()
      .map(({ turn_id: turnId, item }) => [turnIds.indexOf(String(turnId)), (item as Json).type]);
    expect(kinds).toEqual([
      [0, 'user_message'],
      [0, 'agent_message'],
      [1, 'user_message'],
      [1, 'agent_message'],
      [1, 'command_execution'],
      [1, 'agent_message'],
      [2, 'user_message'],
      [2, 'agent_message'],
      [3, 'user_message'],
      [3, 'agent_message'],
      [4, 'user_message'],
      [4, 'agent_message'],
    ]);
    expect((await walk('items?limit=5&sort_direction=desc')).flat()).toEqual(oldest.flat().reverse());
  });

  it('lists the items of one turn, the same that the turn has', async () => {
    const turnId = turnIds[1] ?? '';
    const pages = await walk(`items?turn_id=${turnId}&limit=3`);
    const answer = await app.get(`/api/v2/threads/${threadId}/turns/${turnId}`).expect(200);
    const turn = answer.body as Json;
    expect(pages.flat().map(({ item }) => item)).toEqual(turn.items);
    expect(turn).toMatchObject({
      turn_id: turnId,
      thread_id: threadId,
      status: 'completed',
      input: [{ type: 'text', text: 'say: Before.\nrun: echo two\nsay: Two.' }],
      error: null,
      items: [
        { type: 'user_message', client_id: turnId },
        { type: 'agent_message', text: 'Before.' },
        {
          type: 'command_execution',
          status: 'completed',
          exit_code: 0,
          aggregated_output: expect.stringMatching(/^two\n/m) as string,
        },
        { type: 'agent_message', text: 'Two.' },
      ],
    });
  });

  it('names turns on the stream as it names them here', async () => {
    const stream = await app.stream(threadId, '?after=0');
    await stream.until('stream/live');
    stream.close();
    const named = stream.events.flatMap(({ data }) => {
      const turn = data.turn as Json | undefined;
      return [data.turn_id, turn?.id].filter((id) => id !== undefined);
    });
    expect([...new Set(named)]).toEqual(turnIds);
    expect(stream.events.filter(({ event }) => event === 'turn/started')).toHaveLength(5);
  });

  it('keeps it all over a restart', async () => {
    const before = await page('turns?limit=100');
    await app.terminate();
    await app.restart();
    expect(await page('turns?limit=100')).toEqual(before);
    expect((await page('items?limit=100')).data).toHaveLength(12);
  });

  it.each([
    ['turns?cursor=nonsense', 400, 'invalid_request', ['?cursor']],
    ['items?cursor=nonsense', 400, 'invalid_request', ['?cursor']],
    ['turns?limit=0', 400, 'invalid_request', ['limit']],
    ['items?sort_direction=up', 400, 'invalid_request', ['sort_direction']],
    ['turns?unknown=1', 400, 'invalid_request', ['unknown']],
    ['items?turn_id=unknown', 404, 'turn_not_found', []],
    ['turns/unknown', 404, 'turn_not_found', []],
  ])('refuses %s', async (path, status, code, paths) => {
    expect(await refusal(app.get(`/api/v2/threads/${threadId}/${path}`))).toEqual({ status, code, paths });
  });
});
