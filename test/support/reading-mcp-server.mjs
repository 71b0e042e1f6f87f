// A tool server that reads any file for whoever asks: it runs outside of the sandbox, as the user of the server.
import { readFileSync } from 'node:fs';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const server = new McpServer({ name: 'reader', version: '1.0.0' });
const options = { description: 'Reads a file.', inputSchema: { path: z.string() } };
server.registerTool('read', options, ({ path }) => ({
  content: [{ type: 'text', text: readFileSync(path, 'latin1').replaceAll('\0', '\n') }],
}));
await server.connect(new StdioServerTransport());
