import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

const PAGE = `<!doctype html><script type="importmap">
{"imports": {"@codex/client": "/client/index.js", "openapi-fetch": "/openapi-fetch/index.mjs"}}
</script>`;

/** Serves a page, the built client, and what it depends on: an origin of its own. */
async function servePage(dist: string): Promise<Server> {
  const folders: Record<string, string> = {
    client: dist,
    'openapi-fetch': join(ROOT, 'node_modules/openapi-fetch/dist'),
  };
  const server = createServer((req, res) => {
    const [, folder = '', ...rest] = normalize(req.url ?? '/').split('/');
    const root = folders[folder];
    res.setHeader('Content-Type', root === undefined ? 'text/html' : 'text/javascript');
    res.end(root === undefined ? PAGE : readFileSync(join(root, ...rest)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

// A browser is no package of npm's: without one on this machine there is nothing to try it in.
(CHROMIUM === undefined ? describe.skip : describe)('the TypeScript client on a page of another origin', () => {
  let app: App;
  let site: Server;
  let browser: Browser;
  let page: Page;
  let dist: string;

  beforeAll(async () => {
    dist = mkdtempSync(join(tmpdir(), 'codex-client-'));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [tsc, '-p', join(ROOT, 'clients/typescript'), '--outDir', dist]);
    site = await servePage(dist);
    const origin = `http://127.0.0.1:${String((site.address() as AddressInfo).port)}`;
    app = await App.start({ args: ['--allowed-origin', origin] });
    browser = await puppeteer.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] });
    page = await browser.newPage();
    await page.goto(origin);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await app.stop();
    await new Promise((resolve) => site.close(resolve));
    rmSync(dist, { recursive: true });
  });

  const inPage = (code: string): Promise<unknown> =>
    page.evaluate(`(async () => {
      const { CodexClient } = await import('@codex/client');
      const client = new CodexClient({ baseURL: ${JSON.stringify(app.url)}, authToken: ${JSON.stringify(TOKEN)} });
      ${code}
    })()`);

  it('does the main job', async () => {
    const seen = await inPage(`
      const thread = await client.threads.create({ approval_policy: 'on-request', sandbox: 'workspace-write' });
      const names = [];
      const script = 'run escalated: echo made because: May I?\\nsay: Done.';
      const turn = await client.threads.run(thread.thread_id, script, {
        onEvent: ({ event }) => names.push(event),
        onApproval: () => 'approve',
      });
      return [turn.status, turn.items.at(-1).text, names.includes('approval/resolved')];`);
    expect(seen).toEqual(['completed', 'Done.', true]);
  });

  it('gives its EventSource an address that needs no header', async () => {
    const seen = await inPage(`
      const { thread_id } = await client.threads.create({ sandbox: 'read-only' });
      const source = new EventSource(await client.eventSourceURL(thread_id));
      const ended = new Promise((resolve) => source.addEventListener('turn/completed', resolve));
      await new Promise((resolve) => source.addEventListener('stream/opened', resolve));
      await client.threads.submitTurn(thread_id, { input: 'say: Seen.' });
      const { data } = await ended;
      source.close();
      return JSON.parse(data).turn.status;`);
    expect(seen).toBe('completed');
  });
});
