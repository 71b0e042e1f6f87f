/**
 * An MCP server over stdio with two tools. `book` asks the user to fill in a form and answers with what came back as
 * JSON; `echo` answers with its arguments and asks nothing.
 */
import { createInterface } from 'node:readline';

/** Its keys and keywords are in camelCase, as JSON Schema's are: they have to reach the user as they stand. */
const FORM = {
  type: 'object',
  properties: {
    guestName: { type: 'string', title: 'Name', minLength: 2 },
    guestCount: { type: 'integer', minimum: 1, maximum: 8 },
    mail: { type: 'string', format: 'email' },
    isVegetarian: { type: 'boolean' },
  },
  required: ['guestName', 'guestCount'],
};

const TOOLS = ['book', 'echo'].map((name) => ({
  name,
  description: `The tool ${name}.`,
  inputSchema: { type: 'object', additionalProperties: true },
}));

const waiting = new Map();
let lastId = 0;

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

function ask(method, params) {
  lastId += 1;
  const id = `ask-${lastId}`;
  send({ id, method, params });
  return new Promise((resolve) => waiting.set(id, resolve));
}

async function callTool({ name, arguments: input }) {
  const outcome =
    name === 'book' ? await ask('elicitation/create', { message: 'Who comes?', requestedSchema: FORM }) : input;
  return { content: [{ type: 'text', text: JSON.stringify(outcome) }] };
}

const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'desk', version: '1.0.0' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: TOOLS }),
  'tools/call': callTool,
};

async function take({ id, method, params, result, error }) {
  if (method === undefined) {
    waiting.get(id)?.(result ?? { error });
    waiting.delete(id);
  } else if (id !== undefined) {
    const serve = methods[method];
    send(serve ? { id, result: await serve(params ?? {}) } : { id, error: { code: -32601, message: 'Not found' } });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  void take(JSON.parse(line));
}
