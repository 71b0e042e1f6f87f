import { readFileSync } from 'node:fs';
import { Conversation } from '../support/conversation.js';
import { killEngine, untilReadiness } from '../support/engine-faults.js';
import { MetricsPage } from '../support/metrics-reader.js';
import { problemOf, send } from '../support/raw-request.js';
import { App } from '../support/start-app.js';

const SECRET_MESSAGE = 'a very private message';
/** Of prom-client itself; the others are the server's own. */
const STANDARD = /^(process|nodejs)_/;

let app: App;

beforeAll(async () => {
  app = await App.start({ args: ['--engine-check-interval', '0.1'] });
});

afterAll(async () => {
  await app.stop();
});

const page = (): Promise<MetricsPage> => MetricsPage.of(app);

describe('GET /metrics', () => {
  it('is for callers with the token', async () => {
    expect(problemOf(await send(app.url, { path: '/metrics' }))).toEqual({ status: 401, code: 'unauthorized' });
  });

  it("speaks Prometheus's text format, with a type for each family and histograms that add up", async () => {
    const answer = await app.get('/metrics').expect(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const { samples, types } = new MetricsPage(answer.text);
    const families = new Set(
      [...types].flatMap(([name, type]) =>
        type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
      ),
    );
    expect(samples.filter(({ name }) => !families.has(name))).toEqual([]);
    const infinite = samples.filter(({ name, labels }) => name.endsWith('_bucket') && labels.le === '+Inf');
    expect(infinite.length).toBeGreaterThan(1);
    for (const { name, labels, value } of infinite) {
      const own = Object.entries(labels).filter(([key]) => key !== 'le');
      const series = samples.filter((sample) => own.every(([key, text]) => sample.labels[key] === text));
      const counts = series.filter((sample) => sample.name === name).map((sample) => sample.value);
      expect(counts).toEqual([...counts].sort((one, other) => one - other));
      const total = series.find((sample) => sample.name === name.replace(/bucket$/, 'count'));
      expect(total?.value).toBe(value);
    }
  });

  it('counts requests by route and status, and never names a path, an id or what was said', async () => {
    const threadId = await app.createThread({ name: SECRET_MESSAGE });
    await app.runTurn(threadId, `say: ${SECRET_MESSAGE}`);
    const before = await page();
    const route = '/api/v2/threads/:thread_id';
    for (const path of [`/api/v2/threads/${threadId}`, `/api/v2/threads/${threadId}?a=1`, '/api/v2/threads/none']) {
      await app.get(path);
    }
    await app.get('/no/such/path').expect(404);
    const after = await page();
    const grown = (labels: Record<string, string>): number =>
      after.value('codex_web_http_requests_total', labels) - before.value('codex_web_http_requests_total', labels);
    expect(grown({ method: 'GET', route, status: '200' })).toBe(2);
    expect(grown({ method: 'GET', route, status: '404' })).toBe(1);
    expect(grown({ method: 'GET', route: 'unmatched', status: '404' })).toBe(1);
    const timed = after.value('codex_web_http_request_duration_seconds_count', { route });
    expect(timed).toBe(after.value('codex_web_http_requests_total', { method: 'GET', route }));
    for (const text of [threadId, SECRET_MESSAGE, '/no/such/path']) {
      expect(after.text).not.toContain(text);
    }
  });

  it('tells of turns, their tokens, and the events that were recorded', async () => {
    const threadId = await app.createThread();
    const before = await page();
    const turn = await app.runTurn(threadId, 'usage: input=1000 output=50\nsay: Counted.');
    await app.runTurn(threadId, 'fail: response some_code Out of order');
    const after = await page();
    const grown = (name: string, labels: Record<string, string> = {}): number =>
      after.value(name, labels) - before.value(name, labels);
    expect(grown('codex_web_turns_finished_total', { status: 'completed' })).toBe(1);
    expect(grown('codex_web_turns_finished_total', { status: 'failed' })).toBe(1);
    expect(grown('codex_web_turn_duration_seconds_count')).toBe(2);
    const usage = turn.token_usage as { input_tokens: number; output_tokens: number };
    const model = 'scripted-model';
    expect(grown('codex_web_tokens_total', { model, kind: 'input' })).toBeGreaterThanOrEqual(usage.input_tokens);
    expect(grown('codex_web_tokens_total', { model, kind: 'output' })).toBeGreaterThanOrEqual(usage.output_tokens);
    const stream = await app.allEvents();
    const { data } = await stream.until('stream/opened');
    stream.close();
    expect((await page()).value('codex_web_events_recorded_total')).toBe(data.latest_seq);
    expect(grown('codex_web_storage_commit_duration_seconds_count')).toBeGreaterThan(2);
    expect(after.value('codex_web_storage_commit_failures_total')).toBe(0);
  });

  it('shows what goes on at the moment: streams, running and waiting turns, open questions', async () => {
    const threadId = await app.createThread();
    const idle = { codex_web_streams_open: 0, codex_web_turns_running: 0, codex_web_turns_queued: 0 };
    const read = (from: MetricsPage): Record<string, number> =>
      Object.fromEntries(Object.keys(idle).map((name) => [name, from.value(name)]));
    const isIdle = (from: MetricsPage): boolean => Object.values(read(from)).every((value) => value === 0);
    await MetricsPage.until(app, isIdle);

    const conversation = await Conversation.start(app, 'run escalated: echo asked because: I want to know');
    await conversation.question();
    await app.submit(threadId, 'gate: busy\nsay: Done.');
    await app.submit(threadId, 'say: Second.');
    await app.submit(threadId, 'say: Third.');
    await app.model.reached('busy');
    const busy = await page();
    expect(read(busy)).toEqual({
      codex_web_streams_open: 1,
      codex_web_turns_running: 2,
      codex_web_turns_queued: 2,
    });
    expect(busy.value('codex_web_turns_queued_oldest_seconds')).toBeGreaterThan(0);
    expect(busy.value('codex_web_approvals_pending', { kind: 'command_execution' })).toBe(1);
    expect(busy.value('codex_web_approvals_pending')).toBe(1);

    await conversation.answerPending({ decision: 'decline' });
    await conversation.end();
    app.model.release('busy');
    const later = await MetricsPage.until(app, isIdle);
    expect(later.value('codex_web_approvals_pending')).toBe(0);
  });

  it('tells of the engine, its memory and its restarts, and of the disk', async () => {
    const well = await MetricsPage.until(app, (now) => now.value('codex_web_engine_resident_bytes') > 0);
    const { codex_web_engine_available: available, codex_web_engine_restarts_total: restarts } = Object.fromEntries(
      well.samples.map(({ name, value }) => [name, value]),
    );
    expect([available, restarts]).toEqual([1, 0]);
    expect(well.value('codex_web_engine_resident_bytes', { engine: '0', state: 'ready' })).toBeGreaterThan(10_000_000);
    expect(well.value('codex_web_storage_available')).toBe(1);
    expect(well.value('codex_web_storage_bytes', { file: 'database' })).toBeGreaterThan(0);
    expect(well.value('codex_web_data_dir_free_bytes')).toBeGreaterThan(0);

    await killEngine(app);
    await untilReadiness(app, 200);
    expect((await page()).value('codex_web_engine_restarts_total')).toBe(1);
  });

  it('is what docs/operations.md explains: each figure there, and none but those', async () => {
    const { types } = await MetricsPage.until(app, (now) => now.types.size > 0);
    const documented = [
      ...readFileSync('docs/operations.md', 'utf8').matchAll(/^\| `(codex_web_\w+)` +\| (\w+) +\|/gm),
    ];
    const own = [...types].filter(([name]) => !STANDARD.test(name));
    expect(documented.map(([, name, type]) => [name, type]).sort()).toEqual(own.sort());
  });
});
