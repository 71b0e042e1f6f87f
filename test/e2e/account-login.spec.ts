import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdLoginPort } from '../support/login-port.js';
import { refusal } from '../support/refusal.js';
import { type SseReader } from '../support/sse-reader.js';
import { App, type Json } from '../support/start-app.js';

const KEY = 'sk-test-0123456789-of-nobody';
const AUTH = '/api/v2/auth';

/** A provider that uses the account, as the vendor's own does. */
const config = `
cli_auth_credentials_store = "file"
[model_providers.vendor]
name = "Vendor"
base_url = "http://127.0.0.1:9/v1"
wire_api = "responses"
requires_openai_auth = true
`;

describe('the account of the engine', () => {
  let app: App;
  let events: SseReader;
  let releasePort: () => Promise<void>;

  beforeAll(async () => {
    releasePort = await holdLoginPort();
    app = await App.start({ config, args: ['--model-provider', 'vendor'], env: { LOG_LEVEL: 'debug' } });
    events = await app.allEvents();
    await events.until('stream/live');
  });

  afterAll(async () => {
    events.close();
    await app.stop();
    await releasePort();
  });

  const account = async (): Promise<Json> => (await app.get(`${AUTH}/account`).expect(200)).body as Json;

  it('is nobody before a login', async () => {
    expect(await account()).toMatchObject({ account: null, requires_openai_auth: true });
    expect(await refusal(app.get(`${AUTH}/rate-limits`))).toEqual({ status: 409, code: 'not_logged_in', paths: [] });
  });

  it('is there after a login with an API key, is told, and is gone after the logout', async () => {
    const from = events.frames.length;
    const login = await app.post(`${AUTH}/login`, { type: 'api_key', api_key: KEY }).expect(200);
    expect(login.body).toEqual({ type: 'api_key' });
    const completed = await events.until('account/login/completed', from);
    expect(completed.data).toMatchObject({ success: true, error: null, login_id: null });
    const updated = await events.until('account/updated', from);
    expect(updated.data).toMatchObject({ event: 'account/updated', auth_mode: 'apikey' });
    expect(await account()).toMatchObject({ account: { type: 'api_key' }, requires_openai_auth: true });
    expect(readFileSync(join(app.scratch.codexHome, 'auth.json'), 'utf8')).toContain(KEY);

    // An API key has no limits of a plan.
    expect(await refusal(app.get(`${AUTH}/rate-limits`))).toMatchObject({ status: 409, code: 'not_logged_in' });

    const before = events.frames.length;
    expect((await app.post(`${AUTH}/logout`).expect(200)).body).toEqual({ status: 'logged_out' });
    expect((await events.until('account/updated', before)).data).toMatchObject({ auth_mode: null });
    expect(await account()).toMatchObject({ account: null });
    expect((await app.post(`${AUTH}/logout`).expect(200)).body).toEqual({ status: 'logged_out' });
  });

  it('begins a login in the browser and cancels it once', async () => {
    const started = (await app.post(`${AUTH}/login`, { type: 'chatgpt' }).expect(200)).body as Json;
    expect(Object.keys(started).sort()).toEqual(['auth_url', 'login_id', 'type']);
    expect(new URL(started.auth_url as string).searchParams.get('code_challenge_method')).toBe('S256');

    const from = events.frames.length;
    const cancel = { login_id: started.login_id };
    expect((await app.post(`${AUTH}/login/cancel`, cancel).expect(200)).body).toEqual({ status: 'cancelled' });
    const completed = await events.until('account/login/completed', from);
    expect(completed.data).toMatchObject({ success: false, login_id: started.login_id });
    expect(await refusal(app.post(`${AUTH}/login/cancel`, cancel))).toMatchObject({ status: 404, code: 'not_found' });
    expect(await account()).toMatchObject({ account: null });
  });

  it('has no login to cancel that was never begun', async () => {
    for (const id of ['never', '8d0a0b9e-7c6f-4f0e-9d94-000000000000']) {
      const answer = refusal(app.post(`${AUTH}/login/cancel`, { login_id: id }));
      expect(await answer).toEqual({ status: 404, code: 'not_found', paths: [] });
    }
  });

  it.each<[string, object, string[]]>([
    ['no type', {}, ['type']],
    ['an unknown type', { type: 'password' }, ['type']],
    ['no key', { type: 'api_key' }, ['api_key']],
    ['an empty key', { type: 'api_key', api_key: '' }, ['api_key']],
    ['an unknown field', { type: 'chatgpt', user: 'me' }, ['user']],
  ])('refuses a login with %s', async (_, body, paths) => {
    expect(await refusal(app.post(`${AUTH}/login`, body))).toEqual({ status: 400, code: 'invalid_request', paths });
  });

  it('never says the key again: not in an answer, an event or the log', async () => {
    const wrong = await app.post(`${AUTH}/login`, { type: 'wrong', api_key: KEY }).expect(400);
    await app.post(`${AUTH}/login`, { type: 'api_key', api_key: KEY }).expect(200);
    const read = await Promise.all([app.get(`${AUTH}/account`), app.get('/api/v2/config?include_layers=true')]);
    await app.post(`${AUTH}/logout`).expect(200);
    const said = [wrong, ...read].map(({ text }) => text);
    expect([...said, ...events.frames.map(({ text }) => text), app.server.output].join('\n')).not.toContain(KEY);
  });
});

describe('a login with a code, without a network', () => {
  it('fails clearly, at once', async () => {
    const app = await App.start({ env: { HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' } });
    const answer = await refusal(app.post(`${AUTH}/login`, { type: 'chatgpt_device_code' }));
    expect(answer).toEqual({ status: 502, code: 'engine_error', paths: [] });
    await app.stop();
  });
});
