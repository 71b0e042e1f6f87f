import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

interface ThreadPage {
  data: (Json & { thread_id: string })[];
  next_cursor: string | null;
}

describe('listing threads', () => {
  let app: App;
  /** Oldest first. */
  const ids: string[] = [];
  let other: string;

  const list = async (query = ''): Promise<ThreadPage> => {
    const answer = await app.get(`/api/v2/threads${query}`).expect(200);
    return answer.body as ThreadPage;
  };
  const idsOf = async (query: string): Promise<string[]> => (await list(query)).data.map((row) => row.thread_id);
  const walk = async (query: string): Promise<string[][]> => {
    const pages: string[][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: ThreadPage = await list(`${query}${cursor && `&cursor=${cursor}`}`);
      pages.push(page.data.map((row) => row.thread_id));
      cursor = page.next_cursor;
    }
    return pages;
  };

  beforeAll(async () => {
    app = await App.start({ config: '[model_providers.second]\nname = "Second"\nbase_url = "http://127.0.0.1:9/v1"' });
    other = join(app.scratch.workspace, 'other');
    mkdirSync(other);
    ids.push(await app.createThread({ name: 'Alpha', metadata: { team: 'red', level: '1' } }));
    ids.push(await app.createThread({ name: 'Beta ÄÖ', metadata: { team: 'red', level: '2' } }));
    ids.push(await app.createThread({ cwd: other }));
    ids.push(await app.createThread({ model_provider: 'second' }));
    ids.push(await app.createThread());
    await app.runTurn(ids[4] ?? '', 'say: The Needle in the haystack.');
    await app.runTurn(ids[0] ?? '', 'say: Later than all others.');
  });

  afterAll(async () => {
    await app.stop();
  });

  it('shows the newest first, whole, and has no next page', async () => {
    const page = await list();
    expect(page.data.map((row) => row.thread_id).sort()).toEqual([...ids].sort());
    expect(page.next_cursor).toBeNull();
    const one = await app.get(`/api/v2/threads/${ids[0] ?? ''}`).expect(200);
    expect(page.data.find((row) => row.thread_id === ids[0])).toEqual(one.body);
  });

  it.each([
    ['?search=alpha', [0]],
    ['?search=%C3%A4%C3%B6', [1]],
    ['?search=NEEDLE', [4]],
    ['?search=nothing-of-this', []],
    ['?model_provider=second', [3]],
    ['?metadata[team]=red', [0, 1]],
    ['?metadata[team]=red&metadata[level]=2', [1]],
    ['?metadata[team]=blue', []],
    ['?archived=true', []],
    ['?search=alpha&metadata[level]=2', []],
  ])('finds by %s', async (query, places) => {
    expect((await idsOf(query)).sort()).toEqual(places.map((place) => ids[place]).sort());
  });

  it('finds by the folder', async () => {
    expect(await idsOf(`?cwd=${encodeURIComponent(realpathSync(other))}`)).toEqual([ids[2]]);
    const rest = await idsOf(`?cwd=${encodeURIComponent(realpathSync(app.scratch.workspace))}`);
    expect(rest.sort()).toEqual(ids.filter((_, place) => place !== 2).sort());
  });

  it('sorts by either time, in either direction', async () => {
    for (const key of ['created_at', 'updated_at']) {
      const up = (await list(`?sort_key=${key}&sort_direction=asc`)).data;
      expect(up.map((row) => row[key])).toEqual(up.map((row) => row[key]).sort());
      expect(await idsOf(`?sort_key=${key}&sort_direction=desc`)).toEqual(up.map((row) => row.thread_id).reverse());
    }
    expect((await idsOf('?sort_key=updated_at')).slice(0, 2)).toEqual([ids[0], ids[4]]);
  });

  it.each(['?limit=2&sort_direction=asc', '?limit=2', '?limit=2&sort_key=updated_at', '?limit=5'])(
    'gives in pages what it gives at once: %s',
    async (query) => {
      const pages = await walk(query);
      expect(pages.flat()).toEqual(await idsOf(query.replace(/limit=\d/, 'limit=100')));
      expect(pages.map((page) => page.length)).toEqual(query.includes('limit=2') ? [2, 2, 1] : [5]);
    },
  );

  it.each([
    ['?cursor=nonsense', ['?cursor']],
    ['?cursor=', ['?cursor']],
    ['?limit=0', ['limit']],
    ['?limit=101', ['limit']],
    ['?limit=many', ['limit']],
    ['?sort_key=name', ['sort_key']],
    ['?sort_direction=up', ['sort_direction']],
    ['?archived=perhaps', ['archived']],
    ['?unknown=1', ['unknown']],
    ['?metadata=red', ['metadata']],
  ])('refuses %s', async (query, paths) => {
    expect(await refusal(app.get(`/api/v2/threads${query}`))).toEqual({ status: 400, code: 'invalid_request', paths });
  });

  it('refuses the cursor of another list', async () => {
    const { next_cursor: cursor } = await list('?limit=1&sort_key=created_at');
    const turned = app.get(`/api/v2/threads?limit=1&sort_key=updated_at&cursor=${cursor ?? ''}`);
    expect(await refusal(turned)).toMatchObject({ status: 400, paths: ['?cursor'] });
  });

  it('tells which threads the engine holds, in pages', async () => {
    const loaded: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor && `&cursor=${cursor}`;
      const answer = await app.get(`/api/v2/threads/loaded?limit=2${query}`).expect(200);
      const page = answer.body as { data: string[]; next_cursor: string | null };
      loaded.push(...page.data);
      cursor = page.next_cursor;
    }
    expect(loaded).toEqual([...ids].sort());
  });
});
