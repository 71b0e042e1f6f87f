import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

interface Model {
  id: string;
  input_modalities: string[];
  supported_reasoning_efforts: { reasoning_effort: string }[];
}

describe('the models', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  async function list(query: string): Promise<{ data: Model[]; next_cursor: string | null }> {
    const answer = await app.get(`/api/v2/models${query}`).expect(200);
    return answer.body as { data: Model[]; next_cursor: string | null };
  }

  const idsOf = (models: readonly Model[]): string[] => models.map(({ id }) => id);

  it('are listed with what they can do, one of them the default', async () => {
    const { data, next_cursor: next } = await list('?limit=100');
    expect(next).toBeNull();
    expect(data.length).toBeGreaterThan(1);
    expect(new Set(idsOf(data)).size).toBe(data.length);
    const defaults = (data as unknown as Json[]).filter(({ is_default: isDefault }) => isDefault);
    expect(defaults).toHaveLength(1);
    expect(data[0]).toMatchObject({
      id: expect.any(String) as string,
      display_name: expect.any(String) as string,
      input_modalities: expect.arrayContaining(['text']) as string[],
    });
  });

  it('come in pages that make up the whole list', async () => {
    const { data: all } = await list('?limit=100');
    const seen: Model[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Awaited<ReturnType<typeof list>> = await list(`?limit=1${cursor && `&cursor=${cursor}`}`);
      expect(page.data).toHaveLength(1);
      seen.push(...page.data);
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(all);
    expect(await list(`?cursor=${String(all.length)}`)).toEqual({ data: [], next_cursor: null });
  });

  it('can be asked for by what they take or do', async () => {
    const { data: all } = await list('?limit=100');
    const { data: images } = await list('?limit=100&capability=image');
    expect(images).toEqual(all.filter(({ input_modalities: modalities }) => modalities.includes('image')));
    const { data: ultra } = await list('?limit=100&capability=ultra');
    const canUltra = ({ supported_reasoning_efforts: efforts }: Model): boolean =>
      efforts.some(({ reasoning_effort: effort }) => effort === 'ultra');
    expect(ultra).toEqual(all.filter(canUltra));
    expect(ultra.length).toBeGreaterThan(0);
    expect(ultra.length).toBeLessThan(all.length);
    expect(await list('?capability=teleport')).toEqual({ data: [], next_cursor: null });
  });

  it('can be asked for by provider', async () => {
    expect(idsOf((await list('?provider=openai')).data)).toContain('gpt-5.5');
    const unknown = await app.get('/api/v2/models?provider=nobody').expect(400);
    expect(unknown.body).toMatchObject({ code: 'invalid_request', detail: 'There is no such model provider.' });
  });

  it.each([
    ['?limit=0', 'limit'],
    ['?limit=101', 'limit'],
    ['?limit=x', 'limit'],
    ['?cursor=x', '?cursor'],
    ['?cursor=-1', '?cursor'],
    ['?capability=', 'capability'],
    ['?sort=name', 'sort'],
  ])('%s is refused', async (query, path) => {
    expect(await refusal(app.get(`/api/v2/models${query}`))).toEqual({
      status: 400,
      code: 'invalid_request',
      paths: [path],
    });
  });
});
