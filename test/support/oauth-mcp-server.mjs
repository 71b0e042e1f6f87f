/**
 * An MCP server over streamable HTTP with the one tool `whoami`, which wants a bearer token, and the authorization
 * server that gives those out: users log in and agree by its own pages. Prints the address of the MCP server.
 */
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { Provider } from 'oidc-provider';

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const resource = `${issuer}/mcp`;

const provider = new Provider(issuer, {
  features: {
    registration: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'tools', audience: resource, accessTokenFormat: 'opaque' }),
    },
  },
  scopes: ['openid', 'offline_access', 'tools'],
  cookies: { keys: ['a key of the test'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});

async function userOf({ headers }) {
  const token = await provider.AccessToken.find(headers.authorization?.replace('Bearer ', '') ?? '');
  return token?.aud === resource ? token.accountId : undefined;
}

async function serveMcp(request, response) {
  const user = await userOf(request);
  if (user === undefined) {
    const metadata = `${issuer}/.well-known/oauth-protected-resource/mcp`;
    response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${metadata}"` }).end();
    return;
  }
  const mcp = new McpServer({ name: 'guarded', version: '1.0.0' });
  mcp.registerTool('whoami', { description: 'Who is logged in.' }, () => ({ content: [{ type: 'text', text: user }] }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await mcp.connect(transport);
  await transport.handleRequest(request, response);
}

server.on('request', (request, response) => {
  if (request.url.startsWith('/.well-known/oauth-protected-resource')) {
    const metadata = { resource, authorization_servers: [issuer], scopes_supported: ['tools'] };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
  } else if (request.url.startsWith('/mcp')) {
    void serveMcp(request, response);
  } else {
    void provider.callback()(request, response);
  }
});

process.stdout.write(`${resource}\n`);
