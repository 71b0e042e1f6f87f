import { OtlpCollector, type ReceivedSpan } from '../support/otlp-collector.js';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const SERVER_KIND = 2;
const ERROR_STATUS = 2;
const SECRET_MESSAGE = 'a very private message';
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const TURN_ID = 'codex_web.turn_id';
const TURNS = '/api/v2/threads/:thread_id/turns';

const TRACED = { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`, 'x-request-id': 'traced-submit' };
const UNSAMPLED = { traceparent: `00-${'c'.repeat(32)}-${SPAN_ID}-00`, 'x-request-id': 'unsampled' };
const MALFORMED = { traceparent: `00-${'0'.repeat(32)}-${SPAN_ID}-01`, 'x-request-id': 'malformed' };

let collector: OtlpCollector;
let traced: Submitted;
let unsampled: Submitted;
let failed: Submitted;
let queued: Submitted[];

interface Submitted {
  threadId: string;
  turnId: string;
  durationMs: number;
}

/** Does what is to be traced, and ends the server, which sends the last spans. */
beforeAll(async () => {
  collector = await OtlpCollector.start();
  const app = await App.start({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=team%20one',
      OTEL_SERVICE_NAME: 'my-agent',
    },
  });
  try {
    traced = await runTurn(app, TRACED);
    unsampled = await runTurn(app, UNSAMPLED);
    failed = await runTurn(app, { 'x-request-id': 'failed-submit' }, 'fail: 400 broken');
    const threadId = await app.createThread();
    const ids = ['queued-first', 'queued-second'];
    queued = await Promise.all(ids.map((id) => runTurn(app, { 'x-request-id': id }, `say: ${id}`, threadId)));
    await app.get('/api/v2/threads').set(MALFORMED).expect(200);
    await app.get('/api/v2/threads').set('x-request-id', 'just-before-the-end').expect(200);
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
  } finally {
    await app.stop();
  }
});

afterAll(async () => {
  await collector.close();
});

/** Submits a turn with these headers and waits for its end. */
async function runTurn(
  app: App,
  headers: Readonly<Record<string, string>>,
  script = `say: ${SECRET_MESSAGE}`,
  inThread?: string,
): Promise<Submitted> {
  const threadId = inThread ?? (await app.createThread());
  const stream = await app.stream(threadId);
  await stream.until('stream/live');
  const body = { input: [{ type: 'text', text: script }] };
  const answer = await app.post(`/api/v2/threads/${threadId}/turns`, body).set(headers).expect(202);
  const { turn_id: turnId } = answer.body as { turn_id: string };
  await stream.turnEnd(turnId);
  stream.close();
  const turn = await app.get(`/api/v2/threads/${threadId}/turns/${turnId}`).expect(200);
  return { threadId, turnId, durationMs: (turn.body as { duration_ms: number }).duration_ms };
}

function spanWith(attribute: string, value: string): ReceivedSpan {
  const found = collector.spans.filter(
    ({ name, attributes }) => attributes[attribute] === value && (name === 'turn') === (attribute === TURN_ID),
  );
  expect(found).toHaveLength(1);
  return found[0]!;
}

const requestSpan = (requestId: string): ReceivedSpan => spanWith('codex_web.request_id', requestId);
const turnSpan = ({ turnId }: Submitted): ReceivedSpan => spanWith(TURN_ID, turnId);

describe('traces', () => {
  it('have a span for a request, in the trace of its caller, and one for its turn below it', () => {
    const [request, turn] = [requestSpan('traced-submit'), turnSpan(traced)];
    expect(request).toMatchObject({
      traceId: TRACE_ID,
      parentSpanId: SPAN_ID,
      name: `POST ${TURNS}`,
      kind: SERVER_KIND,
      attributes: {
        'http.request.method': 'POST',
        'http.route': TURNS,
        'http.response.status_code': 202,
        'codex_web.request_id': 'traced-submit',
        'codex_web.thread_id': traced.threadId,
      },
      resource: { 'service.name': 'my-agent', 'service.version': expect.any(String) as string },
    });
    expect(turn).toMatchObject({ traceId: TRACE_ID, parentSpanId: request.spanId, name: 'turn' });
    expect(turn.attributes).toEqual({
      'codex_web.thread_id': traced.threadId,
      [TURN_ID]: traced.turnId,
      'codex_web.turn_status': 'completed',
      'codex_web.queued_ms': expect.any(Number) as number,
      'gen_ai.request.model': 'scripted-model',
      'gen_ai.usage.input_tokens': expect.any(Number) as number,
      'gen_ai.usage.output_tokens': expect.any(Number) as number,
    });
    const spanMs = Number((BigInt(turn.endTimeUnixNano) - BigInt(turn.startTimeUnixNano)) / 1_000_000n);
    expect(spanMs).toBe(traced.durationMs);
  });

  it('begin with the request where its caller has none, or one that is malformed', () => {
    const [first, second] = [requestSpan('malformed'), requestSpan('just-before-the-end')];
    expect([first.parentSpanId ?? '', second.parentSpanId ?? '']).toEqual(['', '']);
    expect(first.traceId).not.toBe(second.traceId);
    expect(first.traceId).not.toBe('0'.repeat(32));
  });

  it('keep the turns of requests that overlap apart', () => {
    const requests = [requestSpan('queued-first'), requestSpan('queued-second')];
    expect(queued.map((turn) => turnSpan(turn).parentSpanId)).toEqual(requests.map(({ spanId }) => spanId));
    expect(requests[0]!.traceId).not.toBe(requests[1]!.traceId);
  });

  it('mark a turn that failed', () => {
    expect(turnSpan(failed)).toMatchObject({
      status: { code: ERROR_STATUS },
      attributes: { 'codex_web.turn_status': 'failed' },
    });
  });

  it('leave out what their caller does not sample', () => {
    const ofRequests = collector.spans.map(({ attributes }) => attributes['codex_web.request_id']);
    expect(ofRequests).not.toContain('unsampled');
    const ofTurns = collector.spans.filter(({ name }) => name === 'turn').map(({ attributes }) => attributes[TURN_ID]);
    expect(ofTurns.sort()).toEqual([traced, failed, ...queued].map(({ turnId }) => turnId).sort());
    expect(ofTurns).not.toContain(unsampled.turnId);
  });

  it('go to /v1/traces with the headers that were asked for, and hold neither content nor the token', () => {
    const { path, headers } = collector.requests[0]!;
    expect([path, headers['x-tenant'], headers['content-type']]).toEqual([
      '/v1/traces',
      'team one',
      'application/json',
    ]);
    const sent = collector.requests.map(({ body }) => body).join('\n');
    expect(sent).not.toContain(SECRET_MESSAGE);
    expect(sent).not.toContain(TOKEN);
  });

  it('to a collector that is gone hold up neither requests nor the end of the server', async () => {
    const app = await App.start({ env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/traces' } });
    try {
      await app.get('/api/v2/threads').expect(200);
      expect(await app.terminate()).toEqual({ code: 0, signal: null });
    } finally {
      await app.stop();
    }
  });
});
