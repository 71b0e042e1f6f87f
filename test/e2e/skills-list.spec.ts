import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../support/refusal.js';
import { App } from '../support/start-app.js';

interface Skill {
  name: string;
  path: string;
  scope: string;
  enabled: boolean;
}
interface Entry {
  cwd: string;
  skills: Skill[];
  errors: unknown[];
}

describe('the skills', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
    addSkill(app.scratch.workspace, 'knitting');
  });

  afterAll(async () => {
    await app.stop();
  });

  function addSkill(folder: string, name: string): string {
    const path = join(folder, '.codex', 'skills', name);
    mkdirSync(path, { recursive: true });
    const head = `---\nname: ${name}\ndescription: How to go about ${name}.\n---\n`;
    writeFileSync(join(path, 'SKILL.md'), `${head}The secret of ${name} is patience.\n`);
    return join(path, 'SKILL.md');
  }

  async function list(query = ''): Promise<Entry[]> {
    const answer = await app.get(`/api/v2/skills${query}`).expect(200);
    const { data, next_cursor: next } = answer.body as { data: Entry[]; next_cursor: null };
    expect(next).toBeNull();
    return data;
  }

  const skillOf = (entries: Entry[], name: string): Skill | undefined =>
    entries.flatMap(({ skills }) => skills).find((skill) => skill.name === name);

  function folder(name: string): string {
    const path = join(app.scratch.workspace, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  it('are those of the first workspace root, with those of the engine itself', async () => {
    const entries = await list();
    expect(entries.map(({ cwd, errors }) => ({ cwd, errors }))).toEqual([{ cwd: app.scratch.workspace, errors: [] }]);
    expect(skillOf(entries, 'knitting')).toMatchObject({
      description: 'How to go about knitting.',
      scope: 'repo',
      enabled: true,
      path: join(app.scratch.workspace, '.codex/skills/knitting/SKILL.md'),
    });
    expect(skillOf(entries, 'skill-creator')).toMatchObject({ scope: 'system', enabled: true });
  });

  it('are listed by folder, separated by commas or given several times', async () => {
    const [one, two] = [folder('one'), folder('two')];
    addSkill(two, 'weaving');
    for (const query of [`?cwds=${one},${two}`, `?cwds=${one}&cwds=${two}`]) {
      const entries = await list(query);
      expect(entries.map(({ cwd }) => cwd)).toEqual([one, two]);
      expect(entries.map((entry) => skillOf([entry], 'weaving')?.scope)).toEqual([undefined, 'repo']);
    }
  });

  it('that were added are there after a forced reload, and so is what is wrong with one', async () => {
    await list();
    addSkill(app.scratch.workspace, 'felting');
    const broken = join(app.scratch.workspace, '.codex/skills/broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'SKILL.md'), 'no front matter');
    const entries = await list('?force_reload=true');
    expect(skillOf(entries, 'felting')).toMatchObject({ enabled: true });
    expect(entries[0]?.errors).toMatchObject([{ path: join(broken, 'SKILL.md') }]);
  });

  it('are switched off and on, which the next list shows', async () => {
    const off = await app.put('/api/v2/skills/knitting/config', { enabled: false }).expect(200);
    expect(off.body).toEqual({ name: 'knitting', enabled: false });
    expect(skillOf(await list(), 'knitting')?.enabled).toBe(false);

    const on = await app.patch('/api/v2/skills/knitting', { enabled: true }).expect(200);
    expect(on.body).toEqual({ name: 'knitting', enabled: true });
    expect(skillOf(await list(), 'knitting')?.enabled).toBe(true);
  });

  it('of another folder are switched when it is named', async () => {
    const cwd = folder('three');
    addSkill(cwd, 'spinning');
    const path = '/api/v2/skills/spinning/config';
    expect(await refusal(app.put(path, { enabled: false }))).toMatchObject({ status: 404, code: 'not_found' });
    await app.put(path, { enabled: false, cwd }).expect(200);
    expect(skillOf(await list(`?cwds=${cwd}`), 'spinning')?.enabled).toBe(false);
    expect(await refusal(app.put(path, { enabled: true, cwd: '/etc' }))).toMatchObject({ status: 403, paths: ['cwd'] });
  });

  it('are told to the model unless they are switched off', async () => {
    const lastRequest = (): string => JSON.stringify(app.model.requests.at(-1)?.body);
    await app.runTurn(await app.createThread(), 'say: Yes.');
    expect(lastRequest()).toContain('How to go about knitting.');

    await app.put('/api/v2/skills/knitting/config', { enabled: false }).expect(200);
    await app.runTurn(await app.createThread(), 'say: Yes.');
    expect(lastRequest()).not.toContain('How to go about knitting.');
    await app.put('/api/v2/skills/knitting/config', { enabled: true }).expect(200);
  });

  it('reach the model as a whole when a turn names one', async () => {
    const path = skillOf(await list(), 'knitting')?.path;
    const input = [
      { type: 'skill', name: 'knitting', path },
      { type: 'text', text: 'say: Done.' },
    ];
    const turn = await app.runTurn(await app.createThread(), '', { input });
    expect(turn.status).toBe('completed');
    expect(JSON.stringify(app.model.requests.at(-1)?.body)).toContain('The secret of knitting is patience.');
  });

  it.each<[string, object, number, string[]]>([
    ['nobody', { enabled: true }, 404, []],
    ['..%2Fx', { enabled: true }, 404, []],
    ['knitting', {}, 400, ['enabled']],
    ['knitting', { enabled: 'no' }, 400, ['enabled']],
    ['knitting', { enabled: true, path: '/x' }, 400, ['path']],
  ])('%s can not be switched with %j', async (name, body, status, paths) => {
    for (const request of [app.put(`/api/v2/skills/${name}/config`, body), app.patch(`/api/v2/skills/${name}`, body)]) {
      expect(await refusal(request)).toMatchObject({ status, paths });
    }
  });

  it.each<[string, number, string[]]>([
    ['?cwds=/etc', 403, ['?cwds[0]']],
    ['?cwds=relative', 400, ['?cwds[0]']],
    ['?force_reload=maybe', 400, ['force_reload']],
    ['?limit=1', 400, ['limit']],
  ])('%s is refused', async (query, status, paths) => {
    expect(await refusal(app.get(`/api/v2/skills${query}`))).toMatchObject({ status, paths });
  });
});
