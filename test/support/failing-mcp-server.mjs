// An MCP server over stdio: `fail` fails with the words and the code that it is called with, `count` says how often it was
// called with -32001.
import { createInterface } from 'node:readline';

const answer = (id, body) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...body })}\n`);
const toTool = (name) => ({ name, description: name, inputSchema: { type: 'object' } });
let overloads = 0;

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const { protocolVersion } = params;
    answer(id, { result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'f', version: '1' } } });
  } else if (method === 'tools/list') {
    answer(id, { result: { tools: [toTool('fail'), toTool('count')] } });
  } else if (method === 'tools/call' && params.name === 'count') {
    answer(id, { result: { content: [{ type: 'text', text: String(overloads) }] } });
  } else if (method === 'tools/call') {
    const { message, code = -32000 } = params.arguments;
    overloads += code === -32001 ? 1 : 0;
    answer(id, { error: { code, message } });
  } else if (id !== undefined) {
    answer(id, { error: { code: -32601, message: 'Method not found' } });
  }
});
