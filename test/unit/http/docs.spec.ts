import request from 'supertest';
import { StreamTicketsController } from '../../../src/api/events/stream-tickets.controller.js';
import { BEARER, startToyApp, type ToyApp } from './toy-app.js';
import { OpenController, problemOf, ThingsController } from './things.js';

let toy: ToyApp;

beforeAll(async () => {
  toy = await startToyApp([ThingsController, OpenController, StreamTicketsController], {
    settings: { allowedHosts: ['proxy.example'], allowedOrigins: ['https://app.example'] },
  });
});

afterAll(async () => {
  await toy.close();
});

describe('documentation', () => {
  it('is open, and comes from this machine alone', async () => {
    for (const path of [
      '/docs',
      '/docs/swagger-ui.css',
      '/docs/swagger-initializer.js',
      '/redoc',
      '/redoc/redoc.standalone.js',
    ]) {
      const answer = await request(toy.server).get(path);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    }
    expect((await request(toy.server).get('/docs/')).text).toContain('swagger-initializer.js');
    expect((await request(toy.server).get('/redoc')).text).not.toMatch(/https?:\/\//);
  });

  it('describes routes, their ids, their problems and who may call them', async () => {
    const answer = await request(toy.server).get('/openapi.json');
    const document = answer.body as Record<string, Record<string, Record<string, Record<string, unknown>>>>;
    expect(document.openapi).toBe('3.1.0');
    expect(document.paths?.['/api/things/{id}']?.get).toMatchObject({
      operationId: 'one',
      responses: {
        401: { $ref: '#/components/responses/Problem401' },
        404: { $ref: '#/components/responses/Problem404' },
      },
    });
    expect(document.paths?.['/open']?.get).toMatchObject({ security: [] });
    expect(document.paths?.['/api/v2/stream-tickets']?.post).toMatchObject({ operationId: 'createStreamTicket' });
    expect(document.components?.schemas).toHaveProperty('Problem');
  });
});

describe('with other settings', () => {
  it('has no documentation when it is off, and limits strangers and writers', async () => {
    const other = await startToyApp([ThingsController], {
      settings: { hasDocs: false, strangersPerMinute: 2, writesPerTenSeconds: 1 },
    });
    try {
      for (const path of ['/docs', '/redoc', '/openapi.json']) {
        expect((await request(other.server).get(path)).status).toBe(404);
      }
      const statuses: number[] = [];
      for (let count = 0; count < 3; count += 1) {
        statuses.push((await request(other.server).get('/api/things')).status);
      }
      expect(statuses).toEqual([401, 401, 429]);
      expect((await request(other.server).get('/api/things').set(BEARER)).status).toBe(200);
      const first = await request(other.server).post('/api/things/free').set(BEARER).send({});
      expect(first.headers).toMatchObject({
        'ratelimit-limit': '1',
        'ratelimit-remaining': '0',
        'ratelimit-reset': '10',
      });
      const second = await request(other.server).post('/api/things/free').set(BEARER).send({});
      expect(problemOf(second)).toEqual({ status: 429, code: 'rate_limited' });
      expect(Number(second.headers['retry-after'])).toBeGreaterThan(0);
    } finally {
      await other.close();
    }
  });
});
