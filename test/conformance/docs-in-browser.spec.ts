import { existsSync } from 'node:fs';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

// A browser is no package of npm's: without one on this machine there is nothing to read the pages in.
(CHROMIUM === undefined ? describe.skip : describe)('the documentation in a browser', () => {
  let app: App;
  let browser: Browser;

  beforeAll(async () => {
    app = await App.start();
    browser = await puppeteer.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] });
  });

  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  /** Opens a page; what it complains of gathers in the second value. */
  async function open(path: string): Promise<[Page, string[]]> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['warn', 'error'].includes(message.type())) {
        complaints.push(message.text());
      }
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${app.url}${path}`);
    return [page, complaints];
  }

  it.each([
    ['/docs', '.opblock'],
    ['/redoc', '[data-section-id]'],
  ])('is drawn at %s without a complaint, for small screens too', async (path, drawn) => {
    const [page, complaints] = await open(path);
    await page.waitForSelector(drawn);
    expect(complaints).toEqual([]);
    const viewport = await page.$eval(
      'meta[name=viewport]',
      (meta) => (meta as unknown as { content: string }).content,
    );
    expect(viewport).toContain('width=device-width');
    await page.close();
  });

  it('creates a thread in Swagger UI with the example that it shows', async () => {
    const [page] = await open('/docs');
    await page.locator('button.authorize').click();
    await page.locator('.auth-container input').fill(TOKEN);
    await page.locator('.auth-btn-wrapper button[type=submit]').click();
    await page.locator('.auth-btn-wrapper button.btn-done').click();
    const operation = '#operations-threads-createThread';
    await page.locator(`${operation} button.opblock-summary-control`).click();
    await page.locator(`${operation} .try-out__btn`).click();
    await page.locator(`${operation} button.execute`).click();
    const status = await page.waitForSelector(`${operation} .live-responses-table tr.response td.response-col_status`);
    expect(await status!.evaluate((cell) => (cell as unknown as { innerText: string }).innerText)).toContain('201');
    await page.close();
  });
});
