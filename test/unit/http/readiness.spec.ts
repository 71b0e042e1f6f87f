import request from 'supertest';
import { Readiness, ReadinessProbe, type ReadinessAnswer } from '../../../src/http/health/readiness.js';
import { createLogger } from '../../../src/http/logging/logger.js';
import { startToyApp, type ToyApp } from './toy-app.js';

class Probe extends ReadinessProbe {
  answer: ReadinessAnswer = { ready: true };
  readonly name = 'engine';
  override check(): ReadinessAnswer {
    return this.answer;
  }
}

describe('health', () => {
  let toy: ToyApp;
  const probe = new Probe();

  beforeAll(async () => {
    toy = await startToyApp([], { settings: { healthStatus: 'fine' } });
    toy.app.get(Readiness).register(probe);
  });

  afterAll(async () => {
    await toy.close();
  });

  it('answers without a token', async () => {
    expect((await request(toy.server).get('/health')).body).toEqual({ status: 'fine' });
    const posted = await request(toy.server).post('/health');
    expect([posted.status, posted.body]).toEqual([200, { status: 'healthy', service: 'codex-http-server' }]);
    const live = { ok: true, uptime_seconds: expect.any(Number) as number };
    expect((await request(toy.server).get('/livez')).body).toEqual(live);
    expect((await request(toy.server).get('/healthz')).body).toEqual({
      ...live,
      authenticated: true,
      message: 'The model provider in use needs no login.',
    });
  });

  it('is ready only when every part is, and says which is not', async () => {
    const ready = await request(toy.server).get('/readyz');
    expect([ready.status, ready.body]).toEqual([200, { ready: true, checks: [{ name: 'engine', ready: true }] }]);
    probe.answer = { ready: false, reason: 'it is starting' };
    const waiting = await request(toy.server).get('/readyz');
    const check = { name: 'engine', ready: false, reason: 'it is starting' };
    expect([waiting.status, waiting.body]).toEqual([503, { ready: false, checks: [check] }]);
    probe.answer = { ready: true };
    toy.app.get(Readiness).startDraining();
    expect((await request(toy.server).get('/readyz')).status).toBe(503);
  });
});

describe('createLogger', () => {
  it('can be made and flushed in both forms', () => {
    for (const isTerminal of [true, false]) {
      const { logger, flush } = createLogger('silent', isTerminal);
      logger.info('nobody sees this');
      flush();
      expect(logger.level).toBe('silent');
    }
  });
});
