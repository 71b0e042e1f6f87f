import { Registry } from 'prom-client';
import { RequestMetrics } from '../../../src/http/metrics/request-metrics.js';
import { type Route, RouteTable } from '../../../src/http/routing/route-table.js';

function routeOf(pattern: string): Route {
  const table = new RouteTable();
  table.add('GET', pattern, () => undefined);
  return table.list()[0]!;
}

async function linesOf(metrics: RequestMetrics): Promise<string[]> {
  const registry = new Registry();
  metrics.register(registry);
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('RequestMetrics', () => {
  it('counts by route, method and status, and sorts durations into buckets that add up', async () => {
    const metrics = new RequestMetrics();
    const route = routeOf('/threads/:id');
    metrics.count(route, 'GET', 200, 0.0004);
    metrics.count(route, 'GET', 200, 0.001);
    metrics.count(route, 'GET', 404, 0.3);
    metrics.count(route, 'GET', 200, 90);
    const lines = await linesOf(metrics);
    const labels = 'method="GET",route="/threads/:id"';
    expect(lines.slice(0, 2)).toEqual([
      `codex_web_http_requests_total{${labels},status="200"} 3`,
      `codex_web_http_requests_total{${labels},status="404"} 1`,
    ]);
    const bucketOf = (bound: string): string =>
      lines.find((line) => line.includes(`_bucket{${labels},le="${bound}"}`))?.split(' ')[1] ?? '';
    expect(['0.001', '0.0025', '0.25', '0.5', '60', '+Inf'].map(bucketOf)).toEqual(['2', '2', '2', '3', '3', '4']);
    expect(lines.slice(-2)).toEqual([
      `codex_web_http_request_duration_seconds_sum{${labels}} 90.3014`,
      `codex_web_http_request_duration_seconds_count{${labels}} 4`,
    ]);
  });

  it('counts a stream without a duration, and what has no route under one name', async () => {
    const metrics = new RequestMetrics();
    metrics.count(routeOf('/events'), 'GET', 200, undefined);
    metrics.count(undefined, 'POST', 404, 0.2);
    metrics.count(undefined, 'POST', 401, 0.2);
    const lines = await linesOf(metrics);
    expect(lines.filter((line) => line.startsWith('codex_web_http_requests_total'))).toEqual([
      'codex_web_http_requests_total{method="GET",route="/events",status="200"} 1',
      'codex_web_http_requests_total{method="POST",route="unmatched",status="404"} 1',
      'codex_web_http_requests_total{method="POST",route="unmatched",status="401"} 1',
    ]);
    expect(lines.filter((line) => line.includes('_count{'))).toEqual([
      'codex_web_http_request_duration_seconds_count{method="POST",route="unmatched"} 2',
    ]);
  });
});
