import { Program } from '../support/program.js';
import { App } from '../support/start-app.js';
import { Conversation } from '../support/conversation.js';
const EVERY = new URL('../../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url).pathname;
const OAUTH = new URL('../support/oauth-mcp-server.mjs', import.meta.url).pathname;
it('probe', async () => {
  const http = await Program.start([EVERY, 'streamableHttp'], /listening/, { PORT: '4899' });
  const guarded = await Program.start([OAUTH], /^http/);
  const app = await App.start({ args: ['--allow-config-admin'], config: `
mcp_oauth_credentials_store = "file"
[mcp_servers.every]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(EVERY)}, "stdio"]
env = { TOK = "hidden" }
[mcp_servers.web]
url = "http://127.0.0.1:4899/mcp"
[mcp_servers.guarded]
url = "${guarded.line}"
[mcp_servers.missing]
command = "/no/such/program"
` });
  const events = await app.allEvents(); await events.until('stream/live');
  const log = (...x: unknown[]) => process.stdout.write(x.map((y) => typeof y === 'string' ? y : JSON.stringify(y)).join(' ').slice(0, 900) + '\n');
  try {
    for (const q of ['?limit=2', '?limit=2&cursor=2','?limit=20']) { const a = await app.get('/api/v2/mcp/servers' + q); log(q, a.status, (a.body as any).data?.map((s: any) => [s.name, s.auth_status, s.runtime_status, Object.keys(s.tools).length, s.resources.length, s.resource_templates.length]), (a.body as any).next_cursor); }
    const m = await app.get('/api/v2/mcp/servers/missing'); log('missing', m.body);
    const t = await app.createThread();
    const call = async (s: string, tool: string, args: object, th = t) => { const a = await app.post(`/api/v2/mcp/servers/${s}/tools/${tool}`, { thread_id: th, arguments: args }); log('call', s, tool, a.status, a.body); };
    await call('every', 'echo', { message: 'hi' });
    await call('web', 'get-sum', { a: 1, b: 2 });
    await call('every', 'get-sum', { a: 'x' });
    await call('every', 'nope', {});
    await call('nope', 'echo', {});
    await call('missing', 'echo', {});
    await call('guarded', 'whoami', {});
    await call('every', 'get-env', {});
    const talk = await Conversation.start(app, 'mcp: every trigger-long-running-operation {"duration": 0.2, "steps": 2}\nsay: Went on.');
    log('end', await talk.end()); log(talk.stream.names);
    log(talk.stream.frames.filter((f) => f.event?.includes('mcp')).map((f) => f.data));
    log('names', events.names);
    for (const f of events.frames) { if (/mcp|warning|error/i.test(f.event ?? '')) log(f.event!, f.data); }
    const au = await app.post('/api/v2/mcp/servers/guarded/auth'); log('auth', au.status, au.body);
    const jar = new Map<string, string>();
    let url = (au.body as any).auth_url as string, body: URLSearchParams | undefined;
    for (let i = 0; i < 15; i += 1) {
      const r = await fetch(url, { redirect: 'manual', headers: { cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; ') }, ...(body ? { method: 'POST', body } : {}) });
      for (const c of r.headers.getSetCookie()) { const [k, v] = c.split(';')[0]!.split('='); jar.set(k!, v!); }
      const text = await r.text();
      log(r.status, url, r.headers.get('location') ?? '');
      const loc = r.headers.get('location');
      body = undefined;
      if (loc) { url = new URL(loc, url).href; continue; }
      const action = /action="([^"]+)"/.exec(text)?.[1]; const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1];
      if (!action) { log(text.slice(0, 300)); break; }
      url = new URL(action, url).href; body = new URLSearchParams({ prompt: prompt!, login: 'ada', password: 'x' });
    }
    const done = await events.until('mcpServer/oauthLogin/completed'); log(done.data);
    const g = await app.get('/api/v2/mcp/servers/guarded'); log('guarded', g.body);
    await call('guarded', 'whoami', {});
    await call('guarded', 'whoami', {}, await app.createThread());
  } finally { log(app.server.output.slice(-600)); await app.stop(); await http.stop(); await guarded.stop(); }
}, 60000);
