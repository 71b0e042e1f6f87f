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

/** Logs in as this user in a browser: follows the redirects and fills in the forms. Resolves with the last page. */
export async function logInByBrowser(authUrl: string, user: string): Promise<string> {
  const browser = new Browser();
  let page = await browser.open(authUrl);
  for (;;) {
    const text = await page.text();
    const { action, prompt } = readForm(text);
    const location = page.headers.get('location');
    if (location !== null) {
      page = await browser.open(new URL(location, page.url).href);
    } else if (action !== undefined) {
      const body = new URLSearchParams({ prompt, login: user, password: 'any' });
      page = await browser.open(new URL(action, page.url).href, { method: 'POST', body });
    } else {
      return text;
    }
  }
}

function readForm(html: string): { action: string | undefined; prompt: string } {
  return {
    action: /<form[^>]* action="([^"]+)"/.exec(html)?.[1],
    prompt: /name="prompt" value="(\w+)"/.exec(html)?.[1] ?? '',
  };
}

/** Keeps cookies, and follows no redirect by itself. */
class Browser {
  readonly #cookies = new Map<string, string>();

  async open(url: string, form: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    const page = await fetch(url, { ...form, redirect: 'manual', headers: { cookie } });
    for (const line of page.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    return page;
  }
}

export interface McpServer extends Json {
  name: string;
  auth_status: string;
  tools: Record<string, Json>;
  resources: Json[];
}
