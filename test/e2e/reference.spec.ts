import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { holdLoginPort } from '../support/login-port.js';
import { readCurlLines, Shell, type CurlAnswer, type CurlLine } from '../support/curl-walk.js';
import { DocumentChecker } from '../support/document-checker.js';
import { readBlocks } from '../support/documents.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

type Variables = Record<string, string>;

const EVERYTHING = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url),
);
const SERVER = { command: process.execPath, args: [EVERYTHING, 'stdio'] };
const CONFIG = `
[mcp_servers.everything]
command = ${JSON.stringify(SERVER.command)}
args = ${JSON.stringify(SERVER.args)}
`;

/** Lines that can only fail where nobody is logged in and the MCP server is a program. */
const REFUSED: Readonly<Record<string, number>> = { getRateLimits: 409, loginToMcpServer: 400 };

/** What a reader takes from an answer for the lines after it. */
const TAKEN: Readonly<Record<string, string>> = {
  createThread: 'thread_id',
  submitTurn: 'turn_id',
  createAttachment: 'attachment_id',
  createAttachmentV1: 'attachment_id',
  submitFeedback: 'feedback_id',
};

const checker = new DocumentChecker();
const pages = checker.document.tags.map(({ name }) => `docs/reference/endpoints/${name}.md`);
const lines = pages.flatMap((page) => readCurlLines(page));
const shell = new Shell();
const variables: Variables = { TOKEN, OPENAI_API_KEY: 'sk-of-no-account' };
let app: App;
let releasePort: () => Promise<void> = () => Promise.resolve();

beforeAll(async () => {
  app = await App.start({ args: ['--allow-config-admin'], config: CONFIG });
  variables.URL = app.url;
});

afterEach(async () => {
  await releasePort();
  releasePort = () => Promise.resolve();
});

afterAll(async () => {
  await app.stop();
  shell.remove();
});

/** A thread with a turn that runs until it is interrupted. */
async function threadAtWork(): Promise<Variables> {
  const threadId = await app.createThread();
  const stream = await app.stream(threadId);
  const { turn_id: turnId } = await app.submit(threadId, 'stall');
  await stream.until('turn/started');
  stream.close();
  return { THREAD_ID: threadId, TURN_ID: turnId };
}

async function question(): Promise<Variables> {
  const threadId = await app.createThread();
  const stream = await app.stream(threadId);
  await app.submit(threadId, 'run escalated: echo asked because: May I?');
  const { data } = await stream.until('item/commandExecution/requestApproval');
  stream.close();
  return { THREAD_ID: threadId, APPROVAL_ID: String(data.approval_id) };
}

/** The state of things in which the line makes sense, where it is not that of the lines before. */
const PREPARE: Readonly<Record<string, () => Promise<Variables>>> = {
  deleteThread: async () => ({ THREAD_ID: await app.createThread() }),
  resumeThread: async () => {
    await app.runTurn(variables.THREAD_ID!, 'say: Hello.');
    return {};
  },
  rollbackThread: async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Hello.');
    return { THREAD_ID: threadId };
  },
  // A review is begun in an idle thread only.
  startReview: async () => ({ THREAD_ID: await app.createThread() }),
  startReviewAlias: async () => ({ THREAD_ID: await app.createThread() }),
  interruptActiveTurn: threadAtWork,
  interruptTurn: threadAtWork,
  steerTurn: threadAtWork,
  getApproval: question,
  getThreadApproval: question,
  answerApproval: question,
  getAttachmentMetadata: async () => uploaded('/api/v2/attachments'),
  getAttachmentMetadataV1: async () => uploaded('/api/v1/attachments'),
  loginToMcpServer: async () => withServer({}),
  deleteRule: ruled,
  retrieveResponse: responded,
  deleteResponse: responded,
  listResponseInputItems: responded,
  cancelResponse: async () => responded({ input: 'stall', background: true }),
  retrieveConversation: conversed,
  updateConversation: conversed,
  deleteConversation: conversed,
  listConversationItems: conversed,
  createConversationItems: conversed,
  retrieveConversationItem: conversed,
  deleteConversationItem: conversed,
  callMcpTool: async () => withServer({ THREAD_ID: await app.createThread() }),
  cancelLogin: async () => {
    releasePort = await holdLoginPort();
    const answer = await app.post('/api/v2/auth/login', { type: 'chatgpt' }).expect(200);
    return { LOGIN_ID: (answer.body as { login_id: string }).login_id };
  },
};

/** A rule as the operator writes it. */
async function ruled(): Promise<Variables> {
  const folder = join(app.scratch.codexHome, 'rules');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'mine.rules'), 'prefix_rule(["ls"], "allow")\n');
  const answer = await app.get('/api/v2/rules').expect(200);
  return { RULE_ID: (answer.body as { data: { rule_id: string }[] }).data[0]?.rule_id ?? '' };
}

async function responded(body: object = { input: 'say: Hello.' }): Promise<Variables> {
  const answer = await app.post('/v1/responses', body).expect(200);
  return { RESPONSE_ID: (answer.body as { id: string }).id };
}

async function conversed(): Promise<Variables> {
  const item = { id: 'msg_said', type: 'message', role: 'user', content: 'Hello.' };
  const answer = await app.post('/v1/conversations', { items: [item] }).expect(200);
  return { CONVERSATION_ID: (answer.body as { id: string }).id, ITEM_ID: item.id };
}

async function uploaded(path: string): Promise<Variables> {
  const body = new FormData();
  body.append('file', new Blob(['# A file']), 'file.md');
  const answer = await fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body,
  });
  return { ATTACHMENT_ID: ((await answer.json()) as { attachment_id: string }).attachment_id };
}

async function withServer(more: Variables): Promise<Variables> {
  const response = await fetch(`${app.url}/api/v2/mcp/servers/everything`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(SERVER),
  });
  expect(response.ok).toBe(true);
  return more;
}

function operationOf({ method, path }: CurlLine): { operationId: string; success: number } {
  const operation = checker.document.paths[path]?.[method.toLowerCase()];
  const status = Object.keys(operation?.responses ?? {}).find((code) => code.startsWith('2'));
  return { operationId: operation?.operationId ?? '', success: Number(status) };
}

function framesOf(text: string): Json[] {
  const data = [...text.matchAll(/^data: (.*)$/gm)].map(([, line = '']) => line);
  return data.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Json);
}

/** The frames of a dialect are of a kind of their own. */
function frameFaults({ method, path }: CurlLine, frame: Json): string[] {
  const { responses } = checker.document.paths[path]![method.toLowerCase()]!;
  const ref = responses['200']?.content?.['text/event-stream']?.schema?.$ref ?? '';
  const kind = ref.slice(ref.lastIndexOf('/') + 1);
  return kind === 'StreamEvent' ? checker.checkEvent(frame) : checker.checkSchema(kind, frame);
}

function faultsOf(line: CurlLine, answer: CurlAnswer): string[] {
  const faults = checker.checkAnswer({ ...answer, method: line.method, path: line.path });
  return answer.contentType.startsWith('text/event-stream')
    ? [...faults, ...framesOf(answer.text).flatMap((frame) => frameFaults(line, frame))]
    : faults;
}

describe("the reference's lines", () => {
  it('are there for every operation of the document', () => {
    const operations = Object.entries(checker.document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(lines.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(operations.sort());
    expect(pages.flatMap((page) => readBlocks(page))).toHaveLength(lines.length);
  });

  it.each(lines)('run as they stand: $method $path', async (line) => {
    const { operationId, success } = operationOf(line);
    const prepared = await PREPARE[operationId]?.();
    const answer = await shell.curl(line.command, { ...variables, ...prepared });
    expect([answer.status, answer.text]).toEqual([REFUSED[operationId] ?? success, answer.text]);
    expect(faultsOf(line, answer)).toEqual([]);
    const taken = TAKEN[operationId];
    if (taken !== undefined) {
      variables[taken.toUpperCase()] = (JSON.parse(answer.text) as Record<string, string>)[taken]!;
    }
  });
});

describe('the reference', () => {
  it('is what the program serves', async () => {
    const check = promisify(execFile)(process.execPath, ['scripts/reference.ts', '--check']);
    expect(await check).toMatchObject({ stdout: '', stderr: '' });
  });
});
