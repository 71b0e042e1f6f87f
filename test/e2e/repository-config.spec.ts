import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test } from 'supertest';
import { PlantedRepository } from '../support/planted-repository.js';
import { ResponsesClient } from '../support/responses.js';
import { RawEngine } from '../support/raw-engine.js';
import { TOKEN } from '../support/server-process.js';
import { SseReader } from '../support/sse-reader.js';
import { App, type Json } from '../support/start-app.js';

const INPUT = [{ type: 'text', text: 'say: Hello.' }];

let app: App;
let count = 0;

const plant = (on = app): PlantedRepository => {
  count += 1;
  return new PlantedRepository(on.scratch, join(on.scratch.workspace, `repository-${String(count)}`)).plantToolServer();
};
const readConfig = (on = app): string => readFileSync(join(on.scratch.codexHome, 'config.toml'), 'utf8');
const bodyOf = async (request: Test): Promise<Json> => (await request).body as Json;

describe('a repository that nobody trusts', () => {
  let config: string;

  beforeAll(async () => {
    app = await App.start();
    config = readConfig();
  });

  afterEach(() => {
    expect(readConfig()).toBe(config);
  });

  afterAll(async () => {
    await app.stop();
  });

  it.each([
    ['workspace-write', { sandbox: 'workspace-write' }],
    ['danger-full-access', { sandbox: 'danger-full-access' }],
    ['the sandbox of its own config', { config: { sandbox_mode: 'workspace-write' } }],
    ['an ephemeral one', { sandbox: 'workspace-write', ephemeral: true }],
    ['none', {}],
  ])('runs nothing when a thread is made in it and works there: %s', async (_name, options) => {
    const repository = plant().plantTheRest();
    const threadId = await app.createThread({ sandbox: null, config: null, cwd: repository.folder, ...options });
    const { status, items } = await app.runTurn(threadId, 'run: echo ${PLANTED:-nothing planted}\nsay: Done.');
    const output = items.find(({ type }) => type === 'command_execution')?.aggregated_output;
    expect([status, output, repository.ran]).toEqual(['completed', 'nothing planted\n', []]);
  });

  it('has the sandbox and the policy that were asked for, or those of every thread', async () => {
    const { folder } = plant();
    const make = async (options: object): Promise<unknown[]> => {
      const body = await bodyOf(app.post('/api/v2/threads', { cwd: folder, ...options }).expect(201));
      const { approval_policy: policy, sandbox } = body;
      return [policy, sandbox];
    };
    const table = { network_access: true, exclude_slash_tmp: true };
    expect([
      await make({}),
      await make({ sandbox: 'workspace-write' }),
      await make({ sandbox: 'workspace-write', approval_policy: 'never', config: { sandbox_workspace_write: table } }),
      await make({ sandbox: 'danger-full-access' }),
    ]).toEqual([
      ['on-request', { type: 'read_only', network_access: false }],
      ['on-request', toWorkspaceWrite({})],
      ['never', toWorkspaceWrite(table)],
      ['on-request', { type: 'danger_full_access' }],
    ]);
  });

  it('may be written to where that was asked for, and no further', async () => {
    const repository = plant();
    const threadId = await app.createThread({ cwd: repository.folder });
    const script = 'run: touch inside && touch ../outside; touch .codex/inside; ls -a . .. .codex\nsay: Done.';
    const { items } = await app.runTurn(threadId, script);
    const output = String(items.find(({ type }) => type === 'command_execution')?.aggregated_output);
    expect([/^inside$/m, /^outside$/m].map((name) => name.test(output))).toEqual([true, false]);
  });

  it('still has its AGENTS.md and its skills read, as words for the model', async () => {
    const { folder } = plant().plantTheRest();
    const threadId = await app.createThread({ cwd: folder });
    await app.runTurn(threadId, 'say: Hello.');
    const prompt = JSON.stringify(app.model.requests.at(-1)?.body.input);
    expect([prompt.includes('Planted instructions.'), prompt.includes('planted skill')]).toEqual([true, true]);
  });

  it('runs nothing when a thread is loaded again, forked, reviewed, or works there for a turn', async () => {
    const repository = plant();
    const threadId = await app.createThread({ cwd: repository.folder });
    await app.runTurn(threadId, 'say: Hello.');
    const resume = { sandbox: 'danger-full-access', cwd: repository.folder };
    await app.post(`/api/v2/threads/${threadId}/resume`, resume).expect(200);
    await app.runTurn(threadId, 'say: Again.');
    const fork = await bodyOf(app.post(`/api/v2/threads/${threadId}/fork`, resume).expect(201));
    await app.runTurn(String(fork.thread_id), 'say: Forked.');
    const elsewhere = await app.createThread();
    const full = { sandbox_policy: { type: 'danger_full_access' } };
    await app.runTurn(elsewhere, 'say: Moved.', { cwd: repository.folder, ...full });
    await app.post('/api/v2/mcp/servers/refresh').expect(200);
    await app.runTurn(elsewhere, 'say: Reloaded.');
    await app.runTurn(threadId, 'say: Reloaded.');
    expect(repository.ran).toEqual([]);
  });

  it('runs nothing after the server was started again', async () => {
    const repository = plant();
    const never = await app.createThread({ cwd: repository.folder });
    const used = await app.createThread({ cwd: repository.folder });
    await app.runTurn(used, 'say: Hello.');
    await app.terminate();
    await app.restart();
    await app.runTurn(never, 'say: Hello.');
    await app.runTurn(used, 'say: Hello.');
    expect(repository.ran).toEqual([]);
  });

  it('runs nothing when a sandboxed command has put it there, below a repository', async () => {
    const outer = new PlantedRepository(app.scratch, join(app.scratch.workspace, 'outer'));
    outer.git('init', '--quiet');
    const threadId = await app.createThread({ cwd: outer.folder });
    const config = plant().write(
      '.codex/config.toml',
      readFileSync(join(plant().folder, '.codex/config.toml'), 'utf8'),
    );
    await app.runTurn(threadId, `run: mkdir -p inner/.codex && cp ${config} inner/.codex/ && echo copied\nsay: Done.`);
    const folder = join(outer.folder, 'inner');
    expect(readFileSync(join(folder, '.codex/config.toml'), 'utf8')).toContain('planted');
    await app.runTurn(await app.createThread({ cwd: folder }), 'say: Hello.');
    await app.runTurn(await app.createThread({ cwd: folder, sandbox: 'read-only' }), 'say: Hello.');
    expect(outer.ran).toEqual([]);
  });

  it('runs nothing by way of the other front doors', async () => {
    const repository = plant();
    const { folder } = repository;
    const responses = new ResponsesClient(app);
    const metadata = { codex_mode: 'agent', codex_cwd: folder, codex_sandbox: 'workspace-write' };
    await responses.create({ model: 'scripted-model', input: 'say: Hello.', metadata });
    const bridge = async (path: string, body: object): Promise<Json> => {
      const answer = await app.post(`/api/${path}`, body).expect(200);
      return answer.body as Json;
    };
    const started = await bridge('thread/start', { cwd: folder, sandbox: 'workspace-write' });
    const threadId = (started.thread as { id: string }).id;
    await bridge('turn/start', { threadId, input: INPUT });
    await bridge('thread/resume', { threadId, cwd: folder, sandbox: 'danger-full-access' });
    await bridge('thread/fork', { threadId, sandbox: 'workspace-write' });
    await bridge('turn/start', { threadId, input: INPUT, sandboxPolicy: { type: 'dangerFullAccess' } });
    expect(repository.ran).toEqual([]);
  });

  it("runs nothing in another client's thread", async () => {
    const repository = plant();
    const raw = await RawEngine.start(app.scratch);
    const threadId = await raw.createThread({ cwd: repository.folder, sandbox: 'read-only' });
    await raw.runTurn(threadId, 'say: Hello.');
    await raw.stop();
    await app.runTurn(threadId, 'say: Hello.', { sandbox_policy: { type: 'danger_full_access' } });
    await app.post(`/api/v2/threads/${threadId}/fork`, { sandbox: 'workspace-write' }).expect(201);
    expect(repository.ran).toEqual([]);
  });

  it('runs nothing for looks and commands in its folder', async () => {
    const repository = plant().plantTheRest();
    const cwd = encodeURIComponent(repository.folder);
    await app.get(`/api/v2/config?cwd=${cwd}`).expect(200);
    await app.get(`/api/v2/skills?cwds=${cwd}`).expect(200);
    await app.get('/api/v2/mcp/servers').expect(200);
    const body = await bodyOf(
      app
        .post('/api/v2/commands/exec', { command: ['sh', '-c', 'echo ${PLANTED:-none}'], cwd: repository.folder })
        .expect(200),
    );
    expect([body.stdout, repository.ran]).toEqual(['none\n', []]);
  });

  it('is not made a trusted one by the options of a thread', async () => {
    const { folder } = plant();
    for (const config of [
      { projects: { [folder]: { trust_level: 'trusted' } } },
      { [`projects.${JSON.stringify(folder)}.trust_level`]: 'trusted' },
    ]) {
      const answer = await app.post('/api/v2/threads', { cwd: folder, config });
      expect([answer.status, (answer.body as Json).code]).toEqual([403, 'forbidden']);
    }
  });

  it('has no program run by the git that the engine looks at it with', async () => {
    const repository = plant().plantGitPrograms();
    const threadId = await app.createThread({ cwd: repository.folder });
    await app.runTurn(threadId, 'say: Hello.');
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    const review = { target: { type: 'base_branch', branch: 'other' } };
    const body = await bodyOf(app.post(`/api/v2/threads/${threadId}/reviews`, review).expect(202));
    await stream.turnEnd(String((body.turn as Json).turn_id));
    stream.close();
    expect(repository.ran).toEqual([]);
    repository.plantLazyFetch();
    await app.runTurn(threadId, 'say: Hello.');
    expect(repository.ran).toEqual([]);
  });

  it('has a git for its commands as on every machine', async () => {
    const folder = join(app.scratch.workspace, 'plain');
    const repository = new PlantedRepository(app.scratch, folder);
    repository.git('init', '--quiet');
    repository.write('new.txt', 'new\n');
    const threadId = await app.createThread({ cwd: folder });
    const { items } = await app.runTurn(threadId, 'run: git status --porcelain\nsay: Done.');
    expect(items.find(({ type }) => type === 'command_execution')).toMatchObject({
      exit_code: 0,
      aggregated_output: '?? new.txt\n',
    });
  });
});

describe('a server that lets callers set the configuration', () => {
  beforeAll(async () => {
    app = await App.start({ args: ['--allow-config-admin'] });
  });

  afterAll(async () => {
    await app.stop();
  });

  it('does not let the options of a thread trust a folder either', async () => {
    const repository = plant();
    const config = { projects: { [repository.folder]: { trust_level: 'trusted' } } };
    const answer = await app.post('/api/v2/threads', { cwd: repository.folder, config });
    expect([answer.status, (answer.body as Json).code]).toEqual([403, 'forbidden']);
  });

  it('trusts none for a profile of permissions', async () => {
    const before = readConfig();
    const repository = plant();
    const config = { default_permissions: ':workspace' };
    const body = await bodyOf(app.post('/api/v2/threads', { cwd: repository.folder, config }).expect(201));
    expect(body.sandbox).toEqual(toWorkspaceWrite({}));
    await app.runTurn(String(body.thread_id), 'say: Hello.');
    expect([repository.ran, readConfig()]).toEqual([[], before]);
  });
});

describe.each([
  ['sandbox_mode', 'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nexclude_slash_tmp = true\n'],
  ['default_permissions', 'default_permissions = ":workspace"\n'],
])('a server whose config.toml lets threads write by %s', (_name, config) => {
  beforeAll(async () => {
    app = await App.start({ config });
  });

  afterAll(async () => {
    await app.stop();
  });

  it('trusts no folder for it', async () => {
    const before = readConfig();
    const repository = plant();
    const body = await bodyOf(app.post('/api/v2/threads', { cwd: repository.folder }).expect(201));
    expect(body.sandbox).toEqual(toWorkspaceWrite({ exclude_slash_tmp: config.includes('slash_tmp') }));
    await app.runTurn(String(body.thread_id), 'say: Hello.');
    const stream = await SseReader.open(`${app.url}/messages`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      body: { type: 'user_message', message: 'say: Hello.', work_dir: repository.folder },
    });
    await stream.ended;
    await app.post('/v1/chat/completions', {
      model: 'scripted-model',
      messages: [{ role: 'user', content: 'say: Hello.' }],
      work_dir: repository.folder,
    });
    expect([repository.ran, readConfig()]).toEqual([[], before]);
  });
});

describe('a folder that the operator trusts', () => {
  let inFlag: PlantedRepository;
  let inFile: PlantedRepository;

  beforeAll(async () => {
    app = await App.start();
    inFlag = plant();
    inFile = plant().plantToolServer('trusted-by-file');
    await app.terminate();
    const trust = `\n[projects.${JSON.stringify(inFile.folder)}]\ntrust_level = "trusted"\n`;
    appendFileSync(join(app.scratch.codexHome, 'config.toml'), trust);
    await app.restart(['--trust-folder', inFlag.folder]);
  });

  afterAll(async () => {
    await app.stop();
  });

  it('may configure the engine, by the flag or by config.toml, and another may not', async () => {
    const before = readConfig();
    const other = plant().plantToolServer('other');
    mkdirSync(join(inFlag.folder, 'inner'));
    for (const cwd of [inFlag.folder, inFile.folder, other.folder]) {
      await app.runTurn(await app.createThread({ cwd }), 'say: Hello.');
    }
    expect([other.ran, readConfig()]).toEqual([['tool-server', 'trusted-by-file'], before]);
  });
});

function toWorkspaceWrite(more: object): Json {
  return {
    type: 'workspace_write',
    writable_roots: [],
    network_access: false,
    exclude_tmpdir_env_var: false,
    exclude_slash_tmp: false,
    ...more,
  };
}
