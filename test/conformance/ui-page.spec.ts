import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { readBlocks } from '../support/documents.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

const DOCUMENT = 'docs/build-a-ui.md';
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
/** Lets the engine put questions to the user outside of its plan mode. */
const QUESTIONS = { config: { 'features.default_mode_request_user_input': true } };
const QUESTION = {
  questions: [
    {
      id: 'size',
      header: 'Size',
      question: 'Which size?',
      options: [
        { label: 'small', description: 'Less.' },
        { label: 'large', description: 'More.' },
      ],
    },
  ],
};

/** The document's page, on an origin of its own. */
async function servePage(): Promise<Server> {
  const page = readBlocks(DOCUMENT).find(({ language }) => language === 'html')?.text;
  const server = createServer((_, res) => {
    res.setHeader('Content-Type', 'text/html');
    res.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const addressOf = (server: TcpServer): string => `127.0.0.1:${String((server.address() as AddressInfo).port)}`;

/** One address for a server that is started again on another port, as a reverse proxy has it. */
async function passOn(target: () => string): Promise<TcpServer> {
  const proxy = createTcpServer((client) => {
    const server = connect(Number(new URL(target()).port), '127.0.0.1');
    client.pipe(server).pipe(client);
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
    server.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return proxy;
}

// A browser is no package of npm's: without one on this machine there is nothing to try it in.
(CHROMIUM === undefined ? describe.skip : describe)(`the page of ${DOCUMENT}`, () => {
  let app: App;
  let site: Server;
  let proxy: TcpServer;
  let origin: string;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    site = await servePage();
    proxy = await passOn(() => app.url);
    origin = `http://${addressOf(site)}`;
    app = await App.start({ args: ['--allowed-origin', origin, '--allowed-host', addressOf(proxy)] });
    browser = await puppeteer.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] });
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await app.stop();
    await Promise.all([site, proxy].map((server) => new Promise((resolve) => server.close(resolve))));
  });

  beforeEach(async () => {
    complaints.length = 0;
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
  });

  afterEach(async () => {
    expect(complaints).toEqual([]);
    await page.close();
  });

  /** Opens the page and connects: to a thread, or to a new one. */
  async function open(threadId = '', token = TOKEN): Promise<void> {
    await page.goto(`${origin}/#${threadId}`);
    await fill('#server', `http://${addressOf(proxy)}`);
    await fill('#token', token);
    await press('#login button');
  }

  const fill = (selector: string, text: string): Promise<void> => page.locator(selector).fill(text);
  const press = (selector: string): Promise<void> => page.locator(selector).click();

  async function send(text: string): Promise<void> {
    await fill('#text', text);
    await press('#prompt button');
  }

  /** Resolves once the elements have just these texts. */
  async function shows(selector: string, texts: readonly string[]): Promise<void> {
    const all = `[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => one.textContent)`;
    await page.waitForFunction(`JSON.stringify(${all}) === ${JSON.stringify(JSON.stringify(texts))}`);
  }

  const textOf = async (selector: string): Promise<string> =>
    String(await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`));
  const status = (word: string): Promise<void> => shows('#status', [word]);
  const threadOfPage = async (): Promise<string> => String(await page.evaluate('threadId'));

  it('creates a thread, and shows what is said as text', async () => {
    await open();
    await send('say: Hello, <b>you</b>.');
    await shows('.agent_message', ['Hello, <b>you</b>.']);
    await shows('.user_message', ['say: Hello, <b>you</b>.']);
    await status('idle');
  });

  it('asks before a command leaves the sandbox, and goes on when it is approved', async () => {
    await open();
    await send('run escalated: echo made because: May I?\nsay: Done.');
    await status('waiting');
    await press('.question button[value=approve]');
    await shows('.agent_message', ['Done.']);
    await shows('.question', []);
    expect(await textOf('.command_execution')).toContain('made');
  });

  it('shows a question that waits since before it came, and answers it', async () => {
    const threadId = await app.createThread(QUESTIONS);
    const stream = await app.stream(threadId);
    await app.submit(threadId, `ask: ${JSON.stringify(QUESTION)}\nsay: Thanks.`);
    await stream.until('item/tool/requestUserInput');
    await open(threadId);
    await page.locator('.question select').fill('large');
    await press('.question button[value=approve]');
    await shows('.agent_message', ['Thanks.']);
    const { data } = await stream.until('approval/resolved');
    expect(data).toMatchObject({ kind: 'user_input', decision: 'approve' });
    stream.close();
  });

  it('removes a question that another client has answered', async () => {
    await open();
    await send('run escalated: echo made because: May I?\nsay: As you like.');
    await page.waitForSelector('.question');
    const threadId = await threadOfPage();
    const approvalId = String(await page.evaluate("document.querySelector('.question').id"));
    await app.post(`/api/v2/threads/${threadId}/approvals/${approvalId}`, { decision: 'decline' }).expect(200);
    await shows('.question', []);
    await shows('.agent_message', ['As you like.']);
  });

  it('stops a turn', async () => {
    await open();
    await send('stall');
    await status('active');
    await press('#stop');
    await status('idle');
  });

  it('sends a file and a model along, and what the user thinks', async () => {
    await open();
    await page.waitForSelector('main:not([hidden])');
    const path = join(app.scratch.root, 'note.md');
    writeFileSync(path, '# A note');
    await (await page.$('input[type=file]'))!.uploadFile(path);
    const models = (await page.evaluate("[...$('model').options].map(({ value }) => value)")) as string[];
    expect(models.length).toBeGreaterThan(1);
    await page.select('#model', models[1]!);
    await send('say: Read.');
    // The scripted model says the rest of the input too: what it is told of the file.
    await page.waitForFunction("document.querySelector('.agent_message')?.textContent.startsWith('Read.')");
    await press('#feedback button[value=good_result]');
    await shows('#feedback output', ['Thank you.']);

    const threadId = await threadOfPage();
    const turns = await app.get(`/api/v2/threads/${threadId}/turns`).expect(200);
    const [turn] = (turns.body as { data: { input: Json[] }[] }).data;
    expect(turn?.input.map(({ type }) => type)).toEqual(['text', 'attachment']);
    const thread = await app.get(`/api/v2/threads/${threadId}`).expect(200);
    expect((thread.body as Json).model).toBe(models[1]);
    const feedback = await app.get('/api/v2/feedback').expect(200);
    expect((feedback.body as { data: Json[] }).data).toMatchObject([
      { classification: 'good_result', thread_id: threadId },
    ]);
  });

  it('takes a new snapshot when what it missed is not kept', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Before.');
    await open(threadId);
    await shows('.agent_message', ['Before.']);
    // As after a restore from a backup: the page has seen more than there is.
    await page.evaluate("$('log').replaceChildren(); lastSeq = 1_000_000; follow().then(() => undefined)");
    await shows('.agent_message', ['Before.']);
    await app.submit(threadId, 'say: After.');
    await shows('.agent_message', ['Before.', 'After.']);
  });

  it('goes on where it was when the server was killed and started again', async () => {
    await open();
    await send('say: Before.');
    await shows('.agent_message', ['Before.']);
    await status('idle');
    await app.server.signal('SIGKILL');
    await status('connecting');
    await app.restart();
    await app.runTurn(await threadOfPage(), 'say: While it was away.');
    await shows('.agent_message', ['Before.', 'While it was away.']);
    await send('say: Together again.');
    await shows('.agent_message', ['Before.', 'While it was away.', 'Together again.']);
  });

  it('says why it is refused', async () => {
    await open('', 'not-a-token-0123456789');
    await page.waitForFunction("$('error').textContent !== ''");
    expect(await textOf('#error')).toContain('token');
    expect(await page.$('main:not([hidden])')).toBeNull();
  });
});
