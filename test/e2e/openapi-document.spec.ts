import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { SERVER_NOTIFICATIONS } from '../../src/codex/protocol/generated/methods.js';
import { QUESTION_KINDS } from '../../src/codex/answers.js';
import { ERROR_CODES } from '../../src/core/errors.js';
import { type ProgramRoute, readProgramRoutes } from '../support/program-routes.js';
import { send } from '../support/raw-request.js';
import { App, type Json } from '../support/start-app.js';

interface Schema extends Json {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  oneOf?: Schema[];
}

interface Operation extends Json {
  path: string;
  method: string;
  operationId: string;
  summary?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required: boolean; schema: Schema; style?: string }[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema; example?: unknown }> };
  responses: Record<string, { $ref?: string; description: string; content?: Record<string, { schema: Schema }> }>;
}

const SNAKE_CASE = /^[_$]?[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
/** The engine's own schema gives these no property. */
const EMPTY = ['CodexThreadExtra', 'EngineSkillsChangedNotification', 'EngineThreadExtra'];
/** The engine's own names, the dialect that speaks them, and what Rust makes of a result. */
const FOREIGN_NAMES = /^(Codex|Bridge|McpToolCallEndMsg)/;

let document: Json & { components: { schemas: Record<string, Schema> }; tags: { name: string; description: string }[] };
let schemas: Record<string, Schema>;
let operations: Operation[];
let routes: ProgramRoute[];

beforeAll(async () => {
  const app = await App.start();
  try {
    const answer = await send(app.url, { path: '/openapi.json' });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    document = answer.body as typeof document;
  } finally {
    await app.stop();
  }
  schemas = document.components.schemas;
  operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
  routes = await readProgramRoutes();
});

function visit(value: unknown, onNode: (node: Schema, where: string) => void, where = '#'): void {
  if (typeof value === 'object' && value !== null) {
    onNode(value as Schema, where);
    for (const [key, child] of Object.entries(value)) {
      visit(child, onNode, `${where}/${key}`);
    }
  }
}

const ownSchemas = (): [string, Schema][] => Object.entries(schemas).filter(([name]) => !/^(Engine|Codex)/.test(name));
const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1, with a title, a version, and the bearer token for all but what says otherwise', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(document).toMatchObject({
      openapi: expect.stringMatching(/^3\.1\.\d$/) as string,
      info: { version, license: { name: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      security: [{ bearer: [] }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    });
  });

  it('has only references that lead somewhere', () => {
    const dangling: string[] = [];
    visit(document, ({ $ref }, where) => {
      const target = typeof $ref === 'string' ? $ref.split('/').slice(1) : [];
      let node: unknown = document;
      for (const step of target) {
        node = (node as Json | undefined)?.[step];
      }
      if (node === undefined) {
        dangling.push(`${where} → ${String($ref)}`);
      }
    });
    expect(dangling).toEqual([]);
  });

  it('has components that are JSON Schema 2020-12, each and together', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'openapi', components: document.components });
    for (const name of Object.keys(schemas)) {
      expect(() => ajv.compile({ $ref: `openapi#/components/schemas/${name}` })).not.toThrow();
    }
  });
});

describe('an operation', () => {
  it("has its controller's method as its id, and no two have the same", () => {
    const ids = new Map(routes.map((route) => [nameOf(route), route.name]));
    const wanted = operations.map((operation) => {
      const id = ids.get(nameOf(operation)) ?? '';
      return [nameOf(operation), operation.path.startsWith('/api/v1/') ? `${id}V1` : id];
    });
    const own = operations.map((operation) => [nameOf(operation), operation.operationId]);
    expect(own).toEqual(wanted);
    expect(own.length).toBe(new Set(own.map(([, id]) => id)).size);
  });

  it('has a summary and a tag that is explained', () => {
    const tags = document.tags.filter(({ description }) => description !== '').map(({ name }) => name);
    const wanting = operations.filter(({ summary = '', tags: own = [] }) => summary === '' || !tags.includes(own[0]!));
    expect(wanting.map(nameOf)).toEqual([]);
  });

  it('promises exactly the success that it answers with, and what is in it', () => {
    const successes = operations.map((operation) => {
      const [status, response] = Object.entries(operation.responses).find(([code]) => code.startsWith('2'))!;
      const [content] = Object.values(response.content ?? {});
      return { name: nameOf(operation), status: Number(status), hasSchema: content?.schema !== undefined };
    });
    const statuses = new Map(routes.map((route) => [nameOf(route), route.status]));
    expect(successes).toEqual(
      successes.map(({ name }) => ({ name, status: statuses.get(name), hasSchema: statuses.get(name) !== 204 })),
    );
  });

  it('tells of the problems that it can end in, and describes all of its responses', () => {
    for (const operation of operations) {
      const { responses, path, method, security } = operation;
      const isOpen = JSON.stringify(security) === '[]';
      expect([nameOf(operation), isOpen]).toEqual([nameOf(operation), /^\/(health|healthz|livez|readyz)$/.test(path)]);
      const wanted = [400, 403, 429, 500, 'default', ...(isOpen ? [] : [401]), ...(path.includes('{') ? [404] : [])];
      const problems = [...wanted, ...(method === 'GET' ? [] : [409])]
        .map(String)
        .filter((status) => !(status in responses));
      expect([nameOf(operation), problems]).toEqual([nameOf(operation), []]);
      const silent = Object.entries(responses).filter(([, { $ref, description }]) => !$ref && !description);
      expect([nameOf(operation), silent]).toEqual([nameOf(operation), []]);
    }
    const { responses } = document.components as unknown as { responses: Record<string, Json> };
    // A dialect tells of its problems in a form of its own.
    const typeOf = (name: string): string =>
      name.startsWith('Problem') ? 'application/problem+json' : 'application/json';
    expect(Object.values(responses).map(({ content }) => Object.keys(content as Json))).toEqual(
      Object.keys(responses).map((name) => [typeOf(name)]),
    );
  });

  it('shows a body that is as its schema says, where it takes JSON', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false, discriminator: false });
    ajv.addSchema({ $id: 'openapi', components: document.components });
    for (const operation of operations) {
      const { schema, example } = operation.requestBody?.content['application/json'] ?? {};
      if (schema) {
        expect([nameOf(operation), example]).toEqual([nameOf(operation), expect.any(Object)]);
        const rooted = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')) as Schema;
        expect([nameOf(operation), ajv.validate(rooted, example), ajv.errorsText()]).toEqual([
          nameOf(operation),
          true,
          'No errors',
        ]);
      }
    }
  });

  it('takes parameters that are typed, named in snake_case and needed only in the path', () => {
    for (const { parameters = [], ...operation } of operations) {
      const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(inPath);
      const odd = parameters.filter(
        ({ name, in: place, required, schema, style }) =>
          (place !== 'header' && !SNAKE_CASE.test(name)) ||
          required !== (place === 'path') ||
          Object.keys(schema).length === 0 ||
          (schema.type === 'object' && style !== 'deepObject'),
      );
      expect([nameOf(operation), odd]).toEqual([nameOf(operation), []]);
    }
  });
});

describe('a component', () => {
  it('is described', () => {
    const silent = Object.entries(schemas).filter(([, { description, title }]) => !description && !title);
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  it('has properties when it is an object', () => {
    const empty = Object.entries(schemas).filter(
      ([, { type, properties, additionalProperties }]) =>
        type === 'object' && Object.keys(properties ?? {}).length === 0 && additionalProperties === undefined,
    );
    expect(empty.map(([name]) => name).sort()).toEqual(EMPTY);
  });

  it('names its properties in snake_case, and requires only what it has', () => {
    const wrong: string[] = [];
    const own = Object.fromEntries(Object.entries(schemas).filter(([name]) => !FOREIGN_NAMES.test(name)));
    visit(own, ({ properties, required = [], type }, where) => {
      if (typeof properties === 'object' && type === 'object') {
        const names = Object.keys(properties);
        const odd = names
          .filter((name) => !SNAKE_CASE.test(name))
          .concat(required.filter((name) => !names.includes(name)));
        wrong.push(...odd.map((name) => `${where}: ${name}`));
      }
    });
    expect(wrong).toEqual([]);
  });

  it('of this service says of every property what it is', () => {
    const vague: string[] = [];
    for (const [name, { properties = {} }] of ownSchemas()) {
      visit(properties, (node, where) => {
        const isFree = node.type === 'object' && !node.properties && node.additionalProperties === undefined;
        const isObjectRef = /\/(Object|Any|Array|Function)$/.test(node.$ref ?? '');
        if (isFree || isObjectRef || (/^#\/\w+$/.test(where) && Object.keys(node).length === 0)) {
          vague.push(`${name} ${where}`);
        }
      });
    }
    expect(vague).toEqual([]);
  });

  it('has the rules that requests are checked against', () => {
    expect(schemas.CreateThread?.required).toBeUndefined();
    expect(schemas.CreateThread?.properties).toMatchObject({
      name: { type: ['string', 'null'], minLength: 1, maxLength: 200 },
      sandbox: {
        enum: [
          ...['read_only', 'workspace_write', 'danger_full_access'],
          ...['read-only', 'workspace-write', 'danger-full-access', null],
        ],
      },
      approval_policy: { anyOf: [{ $ref: '#/components/schemas/EngineAskForApproval' }, { type: 'null' }] },
      metadata: { type: ['object', 'null'], additionalProperties: { type: 'string' } },
    });
    expect(schemas.SubmitTurn).toMatchObject({
      required: ['input'],
      properties: {
        input: { oneOf: [{ type: 'string' }, { type: 'array', minItems: 1, maxItems: 100 }] },
        on_busy: { enum: ['queue', 'steer', 'reject', null] },
      },
    });
    expect(schemas.RollbackThread?.properties?.num_turns).toMatchObject({ type: ['integer', 'null'], minimum: 1 });
    expect(schemas.AnswerApproval?.required).toEqual(['decision']);
    const limit = operations.find(({ operationId }) => operationId === 'listThreads')?.parameters?.[0];
    expect(limit).toMatchObject({ name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } });
  });

  it('lists every error code', () => {
    expect(schemas.ErrorCode?.enum).toEqual(ERROR_CODES);
  });
});

it('types every event of the streams', () => {
  const members = schemas.StreamEvent?.oneOf ?? [];
  const names = members.map(({ title }) => title);
  const fromEngine = [...Object.keys(SERVER_NOTIFICATIONS), ...Object.keys(QUESTION_KINDS)];
  const own = [
    ...['turn/queued', 'turn/cancelled', 'item/abandoned'],
    ...['approval/resolved', 'approval/expired', 'engine/restarted'],
  ];
  const frames = ['opened', 'live', 'gap', 'lagged', 'closing', 'error'].map((name) => `stream/${name}`);
  expect([...names].sort()).toEqual([...fromEngine, ...own, ...frames].sort());
  for (const { operationId, responses } of operations.filter(({ path }) => path.endsWith('/events'))) {
    expect([operationId, responses['200']?.content]).toEqual([
      operationId,
      {
        'text/event-stream': { schema: { $ref: '#/components/schemas/StreamEvent' } },
      },
    ]);
  }
});
