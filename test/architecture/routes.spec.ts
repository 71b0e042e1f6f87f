import { readFileSync } from 'node:fs';
import { readProgramRoutes } from '../support/program-routes.js';

const SCOPES = new Set(['read', 'write', 'approve', 'admin']);
const SEGMENT = /^(?:[a-z][a-z0-9]*(?:-[a-z0-9]+)*|\{[a-z]+(?:_[a-z]+)*\})$/;

describe('the routes', () => {
  it('are written in one way: kebab-case words and snake_case parameters', async () => {
    const routes = await readProgramRoutes();
    // What is below /v1 is named by OpenAI.
    const odd = routes.filter(
      ({ path }) =>
        !path.startsWith('/v1/') &&
        !path
          .slice(1)
          .split('/')
          .every((segment) => SEGMENT.test(segment)),
    );
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  it('are each declared once', async () => {
    const names = (await readProgramRoutes()).map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`);
    expect(names).toEqual([...new Set(names)]);
  });

  it('are under the API, but for those that are open to all', async () => {
    const routes = await readProgramRoutes();
    const open = routes.filter(({ isPublic }) => isPublic).map(({ path }) => path);
    expect([...new Set(open)].sort()).toEqual(['/health', '/healthz', '/livez', '/readyz']);
    expect(routes.filter(({ isPublic, path }) => isPublic && path.startsWith('/api/'))).toEqual([]);
  });

  it('each name the scope that a token needs, in the document too', () => {
    const document = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as {
      paths: Record<string, Record<string, { security?: unknown[]; 'x-required-scope'?: string }>>;
    };
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, ...operation })),
    );
    const closed = operations.filter(({ security }) => security === undefined);
    expect(closed.filter((operation) => !SCOPES.has(operation['x-required-scope'] ?? ''))).toEqual([]);
    const admin = closed.filter((operation) => operation['x-required-scope'] === 'admin').map(({ name }) => name);
    expect(admin.filter((name) => !/config|mcp|auth|skills|rules/.test(name))).toEqual([]);
    expect(admin).toContain('put /api/v2/config');
  });
});
