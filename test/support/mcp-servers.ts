import { fileURLToPath } from 'node:url';
import { Program } from './program.js';
import { type App, type Json } from './start-app.js';

/** The reference server of the protocol's own authors. */
const EVERYTHING = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
const GUARDED = fileURLToPath(new URL('./oauth-mcp-server.mjs', import.meta.url));

/** How the reference server is configured over stdio. */
export const everythingOverStdio = { command: process.execPath, args: [EVERYTHING, 'stdio'] };

/** The same as lines of config.toml. */
export function toMcpToml(name: string, more = ''): string {
  const { command, args } = everythingOverStdio;
  return `[mcp_servers.${name}]\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}\n${more}\n`;
}

/** The reference server over streamable HTTP, at `/mcp` of this port. */
export async function startEverythingOverHttp(port: number): Promise<Program> {
  return Program.start([EVERYTHING, 'streamableHttp'], /listening on port/, { PORT: String(port) });
}

/** The server that wants a login; its `line` is its address. */
export async function startGuarded(): Promise<Program> {
  return Program.start([GUARDED], /^http:\/\//);
}

/** A thread for which the MCP server is up, so that its turns are offered the tools. */
export async function createThreadWith(app: App, server: string, status = 'ready'): Promise<string> {
  const threadId = await app.createThread();
  const stream = await app.stream(threadId, '?after=0');
  await stream.until(({ event, data }) => {
    return event === 'mcpServer/startupStatus/updated' && data.name === server && data.status === status;
  });
  stream.close();
  return threadId;
}

/** Logs in as this user in a browser: follows the redirects, keeps the cookies, fills in the forms. Resolves with the last page. */
export async function logInByBrowser(authUrl: string, user: string): Promise<string> {
  const cookies = new Map<string, string>();
  let [url, body]: [string, URLSearchParams | undefined] = [authUrl, undefined];
  for (;;) {
    const headers = { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') };
    const form = body ? { method: 'POST', body } : {};
    const page = await fetch(url, { redirect: 'manual', headers, ...form });
    for (const cookie of page.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const text = await page.text();
    const location = page.headers.get('location');
    const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1];
    const next = location ?? action;
    if (next === undefined) {
      return text;
    }
    const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1] ?? '';
    body = location === null ? new URLSearchParams({ prompt, login: user, password: 'any' }) : undefined;
    url = new URL(next, url).href;
  }
}

export interface McpServer extends Json {
  name: string;
  auth_status: string;
  tools: Record<string, Json>;
  resources: Json[];
}
