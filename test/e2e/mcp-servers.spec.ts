import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { everythingOverStdio, type McpServer, startEverythingOverHttp, toMcpToml } from '../support/mcp-servers.js';
import { type Program } from '../support/program.js';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

const SERVERS = '/api/v2/mcp/servers';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('MCP servers, where callers may administer them', () => {
  let app: App;
  let http: Program;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    http = await startEverythingOverHttp(port);
    url = `http://127.0.0.1:${String(port)}/mcp`;
    const web = `[mcp_servers.web]\nurl = "${url}"\nhttp_headers = { "X-Any" = "hidden-1" }\n`;
    const missing = '[mcp_servers.missing]\ncommand = "/no/such/program"\n';
    const config = `${toMcpToml('every', 'env = { ANY = "hidden-2" }')}\n${web}\n${missing}`;
    app = await App.start({ config, args: ['--allow-config-admin'] });
  });

  afterAll(async () => {
    await app.stop();
    await http.stop();
  });

  async function list(query = ''): Promise<{ data: McpServer[]; next_cursor: string | null }> {
    const answer = await app.get(`${SERVERS}${query}`).expect(200);
    return answer.body as { data: McpServer[]; next_cursor: string | null };
  }

  const namesOf = (servers: McpServer[]): string[] => servers.map(({ name }) => name);
  const configFile = (): string => join(app.scratch.codexHome, 'config.toml');

  it('are listed with their tools, over stdio and over HTTP alike', async () => {
    const { data, next_cursor: next } = await list();
    expect(namesOf(data)).toEqual(['every', 'missing', 'web']);
    expect(next).toBeNull();
    const [every, missing, web] = data;
    expect(every?.tools.echo).toMatchObject({ input_schema: { properties: { message: { type: 'string' } } } });
    expect(Object.keys(web?.tools ?? {}).sort()).toEqual(Object.keys(every?.tools ?? {}).sort());
    expect(every?.resources.length).toBeGreaterThan(0);
    expect(missing).toMatchObject({ tools: {}, tools_error: expect.stringContaining('startup failed') as string });
  });

  it('come in pages that make up the whole list', async () => {
    const first = await list('?limit=2');
    expect(namesOf(first.data)).toEqual(['every', 'missing']);
    const second = await list(`?limit=2&cursor=${String(first.next_cursor)}`);
    expect([namesOf(second.data), second.next_cursor]).toEqual([['web'], null]);
    for (const query of ['?cursor=nonsense', '?limit=0']) {
      expect(await refusal(app.get(`${SERVERS}${query}`))).toMatchObject({ status: 400, code: 'invalid_request' });
    }
  });

  it('are read one by one, without their secrets', async () => {
    const every = await app.get(`${SERVERS}/every`).expect(200);
    expect(every.body).toMatchObject({
      name: 'every',
      status: { server_info: { name: 'mcp-servers/everything' } },
      config: { ...everythingOverStdio, env: { ANY: '[masked]' } },
    });
    const web = await app.get(`${SERVERS}/web`).expect(200);
    expect(web.body).toMatchObject({ config: { url, http_headers: { 'X-Any': '[masked]' } } });
    expect(every.text + web.text).not.toContain('hidden-');
    expect(await refusal(app.get(`${SERVERS}/nobody`))).toEqual({ status: 404, code: 'not_found', paths: [] });
  });

  it('are added, changed and removed', async () => {
    const before = readFileSync(configFile(), 'utf8');
    const body = { url, http_headers: { Authorization: 'Bearer hidden-3' }, enabled_tools: ['echo'] };
    const added = await app.put(`${SERVERS}/added`, body).expect(200);
    expect(added.body).toMatchObject({
      name: 'added',
      config: { url, http_headers: { Authorization: '[masked]' }, enabled_tools: ['echo'] },
    });
    expect(Object.keys((added.body as { status: McpServer }).status.tools)).toEqual(['echo']);
    expect(namesOf((await list()).data)).toEqual(['added', 'every', 'missing', 'web']);

    const changed = await app.put(`${SERVERS}/added`, everythingOverStdio).expect(200);
    expect(changed.body).toMatchObject({ config: everythingOverStdio });
    expect((changed.body as { config: Json }).config).not.toHaveProperty('url');

    await app.delete(`${SERVERS}/added`).expect(204);
    expect(namesOf((await list()).data)).toEqual(['every', 'missing', 'web']);
    expect(readFileSync(configFile(), 'utf8').trim()).toBe(before.trim());
    expect(await refusal(app.delete(`${SERVERS}/added`))).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('that someone added to config.toml are there after a refresh', async () => {
    const before = readFileSync(configFile(), 'utf8');
    writeFileSync(configFile(), `${before}\n[mcp_servers.by_hand]\nurl = "${url}"\n`);
    expect((await app.post(`${SERVERS}/refresh`).expect(200)).body).toEqual({ status: 'reloaded' });
    expect(namesOf((await list()).data)).toContain('by_hand');
    writeFileSync(configFile(), before);
    await app.post(`${SERVERS}/refresh`).expect(200);
    expect(namesOf((await list()).data)).not.toContain('by_hand');
  });

  it.each<[string, string, Json, string[]]>([
    ['nothing', 'x', {}, ['command']],
    ['another scheme', 'x', { url: 'file:///etc/passwd' }, ['url']],
    ['arguments that are no text', 'x', { command: 'node', args: [1] }, ['args']],
    ['an unknown key', 'x', { command: 'node', shell: true }, ['shell']],
    ['a name with quotes', 'a%22.b', { command: 'node' }, []],
    ['the name of a prototype', '__proto__', { command: 'node' }, []],
  ])('are not added with %s', async (_, name, body, paths) => {
    const before = readFileSync(configFile(), 'utf8');
    const answer = await refusal(app.put(`${SERVERS}/${name}`, body));
    expect(answer).toMatchObject({ status: 400, code: 'invalid_request', paths });
    expect(readFileSync(configFile(), 'utf8')).toBe(before);
  });

  it('are not both a program and an address', async () => {
    const answer = await refusal(app.put(`${SERVERS}/x`, { ...everythingOverStdio, url }));
    expect([400, 422]).toContain(answer.status);
  });
});

describe('MCP servers, where callers may not', () => {
  it('are neither added nor changed nor removed', async () => {
    const app = await App.start({ config: '[mcp_servers.off]\ncommand = "node"\nenabled = false\n' });
    const forbidden = { status: 403, code: 'forbidden', paths: [] };
    expect(await refusal(app.put(`${SERVERS}/new`, everythingOverStdio))).toEqual(forbidden);
    expect(await refusal(app.put(`${SERVERS}/off`, everythingOverStdio))).toEqual(forbidden);
    expect(await refusal(app.delete(`${SERVERS}/off`))).toEqual(forbidden);
    expect(await refusal(app.delete(`${SERVERS}/nobody`))).toEqual(forbidden);
    const { data } = (await app.get(SERVERS).expect(200)).body as { data: McpServer[] };
    expect((await app.get(`${SERVERS}/off`).expect(200)).body).toMatchObject({ config: { enabled: false } });
    expect(data.map(({ name }) => name)).toEqual(['off']);
    await app.stop();
  });
});
