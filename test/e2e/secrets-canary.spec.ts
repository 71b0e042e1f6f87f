import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import supertest from 'supertest';
import { Canaries } from '../support/canaries.js';
import { Conversation } from '../support/conversation.js';
import { createThreadWith } from '../support/mcp-servers.js';
import { TOKEN } from '../support/server-process.js';
import { type SseReader } from '../support/sse-reader.js';
import { App, type Json, WRITABLE } from '../support/start-app.js';

const run = promisify(execFile);
const READER = [process.execPath, fileURLToPath(new URL('../support/reading-mcp-server.mjs', import.meta.url))];
const READABLE = 'any-command-may-read-this';

describe('secrets', () => {
  const canaries = new Canaries();
  let app: App;
  let events: SseReader;
  let planted: string[];
  let attachment: string;
  /** All that was answered. */
  const answers: string[] = [];

  beforeAll(async () => {
    const env: Record<string, string> = { LOG_LEVEL: 'trace' };
    app = await App.start({ env, config: canaries.toConfig(READER) });
    await app.terminate();
    const { files, env: variables } = canaries.plant(app.scratch);
    planted = files;
    Object.assign(env, variables);
    await app.restart();
    events = await app.allEvents();
    await events.until('stream/live');
    await makeOthersSecrets();
    attachment = await upload();
    planted.push(leaveInBareHome());
    writeFileSync(join(app.scratch.workspace, 'attack.sh'), toAttack());
  });

  afterAll(async () => {
    events.close();
    await app.stop();
  });

  /** What belongs to another token: the token itself, and an answer that is kept for it. */
  async function makeOthersSecrets(): Promise<void> {
    const args = ['dist/main.js', 'token', 'create', 'other', '--data-dir', app.scratch.dataDir];
    const other = (await run(process.execPath, args)).stdout.trim();
    canaries.more.set('named-token', other);
    await supertest(app.url)
      .post('/api/v2/threads')
      .set({ Authorization: `Bearer ${other}`, 'Idempotency-Key': 'kept' })
      .send({ metadata: { mark: canaries.values['other-response'] } })
      .expect(201);
    const { ticket } = (await app.post('/api/v2/stream-tickets').expect(201)).body as { ticket: string };
    canaries.more.set('stream-ticket', ticket);
  }

  /** As if the engine had replaced a link in the home of bare models by a file of its own. */
  function leaveInBareHome(): string {
    const path = join(app.scratch.dataDir, 'model-home', 'auth.json');
    writeFileSync(path, JSON.stringify({ OPENAI_API_KEY: canaries.values['auth-json'] }));
    return path;
  }

  async function upload(): Promise<string> {
    const made = await supertest(app.url)
      .post('/api/v2/attachments')
      .set('Authorization', `Bearer ${TOKEN}`)
      .attach('file', Buffer.from(READABLE), 'note.txt')
      .expect(201);
    return join(app.scratch.dataDir, 'attachments', (made.body as { attachment_id: string }).attachment_id);
  }

  /** Everything that a command can think of. It says of itself that it ran, and what it may read. */
  function toAttack(): string {
    const { codexHome, dataDir, root } = app.scratch;
    const all = [...planted, ...['codex-web.db', 'codex-web.db-wal', 'tokens.json'].map((name) => join(dataDir, name))];
    const quoted = all.map((path) => `'${path}'`).join(' ');
    return [
      `cat '${attachment}'`,
      'env; set',
      `for f in ${quoted}; do`,
      '  cat "$f" "/proc/self/root$f"; ln "$f" hard; ln -s "$f" soft; cp "$f" copy; mv "$f" moved; cat hard soft copy moved',
      '  rm -f hard soft copy; chmod 777 "$f"; umount "$f"; unshare -Ur cat "$f"',
      'done',
      `grep -ra canary '${codexHome}' '${dataDir}' '${root}/operator' '${root}/credentials'`,
      `ls -la '${root}/credentials'; cat '${root}/credentials/'*; cat '${codexHome}'/*.sqlite*`,
      'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline; for d in /proc/[0-9]*; do cat "$d/root${f}"; ls -l "$d/fd"; done',
      'exit 0',
    ].join('\n');
  }

  async function exec(body: object): Promise<string> {
    const answer = await app.post('/api/v2/commands/exec', {
      command: ['sh', 'attack.sh'],
      timeout_ms: 60_000,
      ...body,
    });
    answers.push(answer.text);
    expect(answer.status).toBe(200);
    return (answer.body as { stdout: string }).stdout;
  }

  /** Runs a script; resolves with all of its items. */
  async function turn(threadId: string, script: string, more: object = {}): Promise<string> {
    const text = JSON.stringify(await app.runTurn(threadId, script, more));
    answers.push(text);
    return text;
  }

  const ATTACK = 'run: sh attack.sh 2>/dev/null';

  it.each([
    ['by default', {}],
    ['read_only', { sandbox_policy: { type: 'read_only' } }],
    ['read_only with the network', { sandbox_policy: { type: 'read_only', network_access: true } }],
    ['workspace_write', { sandbox_policy: { type: 'workspace_write' } }],
    [
      'workspace_write without temporary folders, with the network',
      {
        sandbox_policy: {
          type: 'workspace_write',
          network_access: true,
          exclude_slash_tmp: true,
          exclude_tmpdir_env_var: true,
        },
      },
    ],
  ])('are out of reach for a single command, %s', async (_, body) => {
    const output = await exec(body);
    expect(output).toContain(READABLE);
    expect(canaries.foundIn(output)).toEqual([]);
  });

  it('are out of reach for a single command that may write to a further folder', async () => {
    const { workspace } = app.scratch;
    const policy = { type: 'workspace_write', writable_roots: [join(workspace, 'further')] };
    await exec({ command: ['mkdir', 'further'], sandbox_policy: { type: 'workspace_write' } });
    const output = await exec({ sandbox_policy: policy });
    expect(output).toContain(READABLE);
    expect(canaries.foundIn(output)).toEqual([]);
    await exec({ command: ['touch', 'further/made'], cwd: workspace, sandbox_policy: policy });
    expect(existsSync(join(workspace, 'further/made'))).toBe(true);
  });

  it.each([
    ['by default', { sandbox: undefined, config: undefined }],
    ['read-only', { sandbox: 'read-only', config: undefined }],
    ['workspace-write', { sandbox: 'workspace-write', config: undefined }],
    ['workspace-write without temporary folders', WRITABLE],
    [
      'workspace-write with the network',
      { sandbox: 'workspace-write', config: { sandbox_workspace_write: { network_access: true } } },
    ],
  ])('are out of reach for the commands of a thread, %s', async (_, body) => {
    const output = await turn(await app.createThread(body), ATTACK);
    expect(output).toContain(READABLE);
    expect(canaries.foundIn(output)).toEqual([]);
  });

  it('are out of reach by the other front doors', async () => {
    const { workspace: cwd } = app.scratch;
    const bridged = (await app.post('/api/thread/start', { cwd, sandbox: 'workspace-write' })).body as Json;
    const threadId = String((bridged.thread as Json | undefined)?.id ?? bridged.threadId);
    const messages = [{ role: 'user', content: ATTACK }];
    const doors: [path: string, body: object, headers?: Record<string, string>][] = [
      ['/v1/responses', { input: ATTACK, metadata: { codex_sandbox: 'workspace-write' } }],
      ['/v1/chat/completions', { model: 'scripted-model', messages }, { 'x-codex-mode': 'agent' }],
      ['/messages', { type: 'user_message', message: ATTACK }],
      ['/api/turn/start', { threadId, input: [{ type: 'text', text: ATTACK }] }],
    ];
    for (const [path, body, headers = {}] of doors) {
      const answer = await app.post(path, body).set(headers);
      expect([path, answer.status]).toEqual([path, 200]);
      answers.push(answer.text);
    }
    const { data } = (await app.get(`/api/v2/threads?limit=${String(doors.length)}`)).body as { data: Json[] };
    for (const { thread_id: id } of data) {
      // Begins when what came before it has ended.
      await app.runTurn(String(id), 'say: Over.');
      const { text } = await app.get(`/api/v2/threads/${String(id)}/items`).expect(200);
      expect(text).toContain(READABLE);
      expect(canaries.foundIn(text)).toEqual([]);
    }
  });

  it('stay out of reach when the policy changes, after a fork, a restart, and a turn that nothing confined', async () => {
    const threadId = await app.createThread();
    const policies = [{ type: 'read_only' }, { type: 'danger_full_access' }, { type: 'workspace_write' }, undefined];
    for (const policy of policies) {
      const isConfined = policy?.type !== 'danger_full_access';
      const script = isConfined ? ATTACK : 'run: true';
      const output = await turn(threadId, script, policy && { sandbox_policy: policy });
      expect(output.includes(READABLE)).toBe(isConfined);
      expect(canaries.foundIn(output)).toEqual([]);
    }
    const fork = (await app.post(`/api/v2/threads/${threadId}/fork`).expect(201)).body as { thread_id: string };
    expect(canaries.foundIn(await turn(fork.thread_id, ATTACK))).toEqual([]);
    events.close();
    await app.terminate();
    await app.restart();
    events = await app.allEvents('?after=0');
    const output = await turn(threadId, ATTACK);
    expect(output).toContain(READABLE);
    expect(canaries.foundIn(output)).toEqual([]);
  });

  it('stay out of reach for a command that was approved to leave the sandbox', async () => {
    const talk = await Conversation.start(
      app,
      'run escalated: sh attack.sh 2>/dev/null; touch ../left because: May I?',
    );
    await talk.answerNext({ decision: 'approve' });
    const output = JSON.stringify(await talk.end());
    answers.push(output);
    expect(existsSync(join(app.scratch.root, 'left'))).toBe(true);
    expect(output).toContain(READABLE);
    expect(canaries.foundIn(output)).toEqual([]);
  });

  it('are out of reach for the tools of the engine that read files themselves', async () => {
    const threadId = await app.createThread();
    const script = planted.flatMap((path) => [
      `call: view_image {"path":"${path}"}`,
      `patch: *** Begin Patch\n*** Update File: ${path}\n@@\n-x\n+y\n*** End Patch`,
      `patch: *** Begin Patch\n*** Update File: ${path}\n*** Move to: moved.txt\n@@\n+y\n*** End Patch`,
    ]);
    await turn(threadId, script.join('\n'));
    expect(readdirSync(app.scratch.workspace)).not.toContain('moved.txt');
  });

  it('do not become instructions by a link of the name AGENTS.md', async () => {
    const link = join(app.scratch.workspace, 'AGENTS.md');
    const harmless = join(app.scratch.root, 'harmless.md');
    writeFileSync(harmless, 'words-behind-a-link');
    symlinkSync(harmless, link);
    await turn(await app.createThread(), 'say: Hello.');
    expect(JSON.stringify(app.model.requests.at(-1)?.body)).toContain('words-behind-a-link');
    rmSync(link);
    // The token of the operator's, and the engine's login.
    for (const path of [planted[0] ?? '', planted[2] ?? '']) {
      symlinkSync(path, link);
      const made = await app.post('/api/v2/threads', WRITABLE);
      answers.push(made.text);
      if (made.status === 201) {
        await turn((made.body as { thread_id: string }).thread_id, 'say: Hello.');
      }
      rmSync(link);
    }
  });

  it('of the server alone are not in its environment, for whoever may read that', async () => {
    const environment = `/proc/${String(app.server.pid)}/environ`;
    const threadId = await createThreadWith(app, 'reader');
    const path = '/api/v2/mcp/servers/reader/tools/read';
    const told = (await app.post(path, { thread_id: threadId, arguments: { path: environment } }).expect(200)).text;
    const free = await turn(
      await app.createThread({ sandbox: 'danger-full-access', config: undefined }),
      `run: cat ${environment} | tr '\\\\0' '\\\\n'`,
    );
    for (const text of [told, free]) {
      expect(text).toContain('LOG_LEVEL=trace');
      expect(canaries.foundIn(text)).toEqual([]);
    }
  });

  it('come back by no answer, event, line of the log, request to the model, or file', async () => {
    const { codexHome, dataDir, workspace } = app.scratch;
    for (const path of [
      '/api/v2/config?include_layers=true',
      '/api/v2/config/requirements',
      '/api/v2/mcp/servers',
      '/api/v2/auth/account',
    ]) {
      answers.push((await app.get(path)).text);
    }
    const sent = app.model.requests.map(({ body }) => JSON.stringify(body)).join('\n');
    const streamed = events.frames.map(({ data }) => JSON.stringify(data)).join('\n');
    const all = { answers: answers.join('\n'), sent, log: app.server.output };
    expect(
      Object.entries(all).flatMap(([where, text]) => canaries.foundIn(text).map((kind) => `${where}: ${kind}`)),
    ).toEqual([]);
    // What another token has put into a thread is told to all: threads are shared.
    expect(canaries.foundIn(streamed).filter((kind) => kind !== 'other-response')).toEqual([]);
    const written = [codexHome, dataDir, workspace].flatMap((folder) => canaries.filesWith(folder, planted));
    expect(written.filter((found) => !found.endsWith(': other-response'))).toEqual([]);
  });
});
