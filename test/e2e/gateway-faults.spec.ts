import { cut, FakeUpstream, refuse, stall, stream } from '../support/fake-upstream.js';
import { ProviderApp } from '../support/provider-app.js';
import { UPSTREAM_WIRES } from '../support/upstream-wires.js';

const { frames } = UPSTREAM_WIRES['LM Studio'];

const toProvider = (id: string, upstream: FakeUpstream, retries: number): string => `
[model_providers.${id}]
name = "LM Studio"
base_url = "${upstream.url}/v1"
wire_api = "chat"
stream_max_retries = ${String(retries)}
stream_idle_timeout_ms = 1000
`;

describe('a turn on a provider that fails', () => {
  let upstream: FakeUpstream;
  let app: ProviderApp;

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
    const providers = toProvider('once', upstream, 0) + toProvider('patient', upstream, 2);
    app = await ProviderApp.start({ config: `model = "some-model"\nmodel_provider = "once"\n${providers}` });
  });

  afterAll(async () => {
    await app.stop();
    await upstream.close();
  });

  beforeEach(() => {
    upstream.reset();
  });

  it.each([
    [401, { error: { message: 'Invalid API key.' } }, '401 Unauthorized: Invalid API key.'],
    [404, { error: 'model "some-model" not found' }, '404 Not Found: model "some-model" not found'],
    [500, { error: { message: 'The model has crashed.' } }, '500 Internal Server Error: The model has crashed.'],
  ])('tells the status %i and the words of the provider', async (status, body, words) => {
    upstream.enqueue(refuse(status, body));
    const { turn } = await app.runTurn(await app.createThread(), 'Hello.');
    expect(turn.status).toBe('failed');
    expect(turn.error?.message).toContain(`LM Studio (${upstream.url}/v1) answered ${words}`);
    expect(upstream.requests).toHaveLength(1);
  });

  it('does not ask again where that makes no sense', async () => {
    upstream.enqueue(refuse(401, { error: { message: 'Invalid API key.' } }));
    const { turn } = await app.runTurn(await app.createThread({ model_provider: 'patient' }), 'Hello.');
    expect(turn.status).toBe('failed');
    expect(upstream.requests).toHaveLength(1);
  });

  it('tells when to try again', async () => {
    upstream.enqueue(refuse(429, { error: { message: 'Slow down.' } }, { 'retry-after': '7' }));
    const { turn } = await app.runTurn(await app.createThread(), 'Hello.');
    expect(turn.error?.message).toContain('429 Too Many Requests: Slow down. Please try again in 7s.');
  });

  it('waits as long as the provider wants, and asks again', async () => {
    const beganMs = Date.now();
    upstream.enqueue(refuse(429, { error: { message: 'Slow down.' } }, { 'retry-after': '1' }));
    upstream.enqueue(stream(...frames({ text: ['Now.'] })));
    const { turn } = await app.runTurn(await app.createThread({ model_provider: 'patient' }), 'Hello.');
    expect(turn.status).toBe('completed');
    expect(Date.now() - beganMs).toBeGreaterThanOrEqual(950);
  });

  it('says that the connection was cut, and keeps what was said before', async () => {
    upstream.enqueue(cut(...frames({ text: ['Half', ' way'] }).slice(0, 3)));
    const { turn } = await app.runTurn(await app.createThread(), 'Hello.');
    expect(turn.status).toBe('failed');
    expect(turn.error?.message).toContain('LM Studio');
    expect(JSON.stringify(turn.items)).toContain('Half');
  });

  it('goes on after a cut where the provider may be asked again', async () => {
    upstream.enqueue(cut(...frames({ text: ['Half'] }).slice(0, 3)), stream(...frames({ text: ['Whole.'] })));
    const { turn } = await app.runTurn(await app.createThread({ model_provider: 'patient' }), 'Hello.');
    expect(turn.status).toBe('completed');
    expect(JSON.stringify(turn.items)).toContain('Whole.');
  });

  it('says that the provider has gone silent, and closes the request', async () => {
    upstream.enqueue(stall(...frames({ text: ['Half'] }).slice(0, 3)));
    const { turn } = await app.runTurn(await app.createThread(), 'Hello.');
    expect(turn.status).toBe('failed');
    expect(turn.error?.message).toContain('sent nothing for 1 s.');
    expect(await upstream.last.closed).toBe(false);
  });

  it('says that the answer was cut off at its limit, once', async () => {
    upstream.enqueue(stream(...frames({ text: ['Half'], finish: 'length' })));
    const { turn } = await app.runTurn(await app.createThread({ model_provider: 'patient' }), 'Hello.');
    expect(turn.status).toBe('failed');
    expect(turn.error?.message).toContain('max_output_tokens');
    expect(JSON.stringify(turn.items)).toContain('Half');
    expect(upstream.requests).toHaveLength(1);
  });

  it('closes the request to the provider when the turn is interrupted', async () => {
    const threadId = await app.createThread();
    const events = await app.openStream(threadId);
    upstream.enqueue(stall(...frames({ text: ['Half'] }).slice(0, 3)));
    const turnId = await app.submit(threadId, 'Hello.');
    await events.until('item/agentMessage/delta');
    await app.post(`/api/v2/threads/${threadId}/turns/${turnId}/interrupt`).expect(200);
    expect(await events.turnEnd(turnId)).toMatchObject({ status: 'interrupted' });
    events.close();
    expect(await upstream.last.closed).toBe(false);
  });
});
