import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutation, type Schema, toMutations } from '../support/body-fuzz.js';
import { App, type Json } from '../support/start-app.js';

/** Longer than anything that is asked for here takes, even on a machine that is busy. */
const HANG_MS = 20_000;
const AT_ONCE = 8;
const FAULTS = new Set([500, 502, 503, 504]);

/** What the bodies of the document are made of here: quick, and with ids of this server. */
const EXAMPLES: Readonly<Record<string, Json>> = {
  createResponse: { input: 'say: x' },
  createChatCompletion: { messages: [{ role: 'user', content: 'say: x' }] },
  postMessage: { type: 'user_message', message: 'say: x' },
  submitTurn: { input: 'say: x' },
  bridgeStartTurn: { input: [{ type: 'text', text: 'say: x' }] },
  createReview: { target: { type: 'custom', instructions: 'say: x' } },
  runCommand: { command: ['true'] },
  runCommandAlias: { command: ['true'] },
};

/** Of each field, where a body that is taken runs a turn of the model. */
const VALUES_WITH_TURNS = 4;
const BUSY_TIMEOUT_MS = 240_000;

const ODD_PARTS = ['%00', '%ED%A0%BD', '%E2%80%A8%E2%80%AE', '..%2f..', 'null', '-1', '%5B%5D', 'x'.repeat(5_000)];

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, { content?: Json } | undefined>;
  requestBody?: { content: Record<string, { schema: Schema; example?: Json } | undefined> };
}

interface Target {
  method: 'post' | 'put' | 'patch';
  path: string;
  operation: Operation;
}

interface Document {
  paths: Record<string, Record<string, Operation | undefined>>;
  components: { schemas: Record<string, Schema> };
}

let app: App;
let document: Document;
let config: string;
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  app = await App.start({
    env: { HOME: '/var/empty' },
    args: ['--rate-limit-writes', '1000000'],
  });
  document = (await app.get('/openapi.json').expect(200)).body as Document;
  config = readFileSync(join(app.scratch.codexHome, 'config.toml'), 'utf8');
  const threadId = await app.createThread();
  const { turn_id: turnId } = await app.runTurn(threadId, 'say: first');
  const conversation = (await app.post('/v1/conversations', {}).expect(200)).body as { id: string };
  ids = { thread_id: threadId, turn_id: turnId, conversation_id: conversation.id };
});

afterAll(async () => {
  await app.stop();
});

function targets(): Target[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    (['post', 'put', 'patch'] as const).flatMap((method): Target[] => {
      const operation = item[method];
      return operation?.requestBody?.content['application/json'] ? [{ method, path, operation }] : [];
    }),
  );
}

const addressOf = (path: string): string => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? 'none');

function exampleOf({ operationId, requestBody }: Operation): Json {
  const example = EXAMPLES[operationId] ?? requestBody?.content['application/json']?.example ?? {};
  const named = Object.keys(example).includes('thread_id') ? { thread_id: ids.thread_id } : {};
  return {
    ...example,
    ...named,
    ...(operationId.startsWith('bridge') && 'threadId' in example ? { threadId: ids.thread_id } : {}),
  };
}

const isStream = ({ responses }: Operation): boolean =>
  Object.values(responses).some((response) => 'text/event-stream' in (response?.content ?? {}));

/** With each of its parameters odd, one at a time. */
function oddAddresses(path: string, { parameters = [] }: Operation): string[] {
  return parameters
    .filter((parameter) => parameter.in === 'path' || parameter.in === 'query')
    .flatMap((parameter) =>
      ODD_PARTS.map((part) =>
        parameter.in === 'path'
          ? addressOf(path.replace(`{${parameter.name}}`, part))
          : `${addressOf(path)}?${parameter.name}=${part}`,
      ),
    );
}

/** What went wrong: nothing, as a rule. */
async function tryOut({ method, path }: Target, { name, body }: Mutation): Promise<string[]> {
  try {
    const { status, text } = await app[method](addressOf(path), body).timeout(HANG_MS);
    return FAULTS.has(status) && !isOwnDoing(path, text) ? [`${method} ${path} with ${name}: ${text}`] : [];
  } catch (error) {
    return [`${method} ${path} with ${name}: ${String(error)}`];
  }
}

/** A command that was given five milliseconds took longer. */
const isOwnDoing = (path: string, text: string): boolean =>
  path.startsWith('/api/v2/commands') && text.includes('took longer than 5 ms');

async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<string[]>): Promise<string[]> {
  const faults: string[] = [];
  const pending = all.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const one of pending) {
        faults.push(...(await work(one)));
      }
    }),
  );
  return faults;
}

describe('every field of every body, with what does not belong there', () => {
  it.each([
    ['native', '/api/v2/', 1500],
    ['OpenAI', '/v1/', 200],
    ['messages', '/messages', 20],
    ['bridge', '/api/', 200],
  ])(
    'is answered by the %s door, and never by a fault of the server',
    async (door, prefix, least) => {
      const isOther = (path: string): boolean => prefix === '/api/' && path.startsWith('/api/v2/');
      const faults: string[] = [];
      let count = 0;
      for (const target of targets().filter(({ path }) => path.startsWith(prefix) && !isOther(path))) {
        const schema = target.operation.requestBody?.content['application/json']?.schema ?? {};
        const mutations = toMutations(schema, exampleOf(target.operation), {
          schemas: document.components.schemas,
          ...(door !== 'native' && { perField: VALUES_WITH_TURNS }),
        });
        count += mutations.length;
        faults.push(...(await inTurns(mutations, (mutation) => tryOut(target, mutation))));
        // Some of what is tried there is written, and would be in force for all that follows.
        writeFileSync(join(app.scratch.codexHome, 'config.toml'), config);
      }
      expect(faults).toEqual([]);
      expect(count).toBeGreaterThan(least);
    },
    BUSY_TIMEOUT_MS,
  );

  it(
    'is answered where it is in the path or the query',
    async () => {
      const addresses = Object.entries(document.paths).flatMap(([path, { get }]) =>
        get && !isStream(get) ? oddAddresses(path, get) : [],
      );
      const faults = await inTurns(addresses, async (address) => {
        const { status, text } = await app.get(address).timeout(HANG_MS);
        return FAULTS.has(status) ? [`get ${address.slice(0, 200)}: ${text}`] : [];
      });
      expect(faults).toEqual([]);
      expect(addresses.length).toBeGreaterThan(300);
    },
    BUSY_TIMEOUT_MS,
  );

  it('leaves a server that works', async () => {
    expect((await app.get('/readyz')).status).toBe(200);
    expect((await app.runTurn(await app.createThread(), 'say: well')).status).toBe('completed');
  });
});
