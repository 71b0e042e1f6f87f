import { type Metric, type Registry } from 'prom-client';
import { type Route } from '../routing/route-table.js';

/** Upper bounds in seconds: a cheap read takes about a tenth of the first. */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const UNMATCHED = 'unmatched';

/** Requests of one route. */
class RouteFigures {
  readonly byStatus = new Map<number, number>();
  /** Not cumulative; the last one is what no bound holds. */
  readonly buckets = new Array<number>(BUCKETS_SECONDS.length + 1).fill(0);
  sumSeconds = 0;

  constructor(readonly labels: { method: string; route: string }) {}
}

interface Sample {
  metricName?: string;
  labels: Record<string, string | number>;
  value: number;
}

/**
 * Requests by route and status, and how long their answers took. It counts by itself and speaks prom-client's language
 * only when asked: `Counter.inc` and `Histogram.observe` with labels cost about as much as the log line of a request.
 */
export class RequestMetrics {
  readonly #byRoute = new Map<Route | string, RouteFigures>();

  /** `seconds`: from the headers of the request to the end of its answer; `undefined` for a stream, which ends when it ends. */
  count(route: Route | undefined, method: string, status: number, seconds: number | undefined): void {
    const figures = this.#figuresOf(route, method);
    figures.byStatus.set(status, (figures.byStatus.get(status) ?? 0) + 1);
    if (seconds !== undefined) {
      const index = toBucket(seconds);
      figures.buckets[index] = (figures.buckets[index] ?? 0) + 1;
      figures.sumSeconds += seconds;
    }
  }

  register(registry: Registry): void {
    registry.registerMetric(
      toMetric('codex_web_http_requests_total', 'Requests that were answered.', 'counter', () => this.#toCounts()),
    );
    registry.registerMetric(
      toMetric(
        'codex_web_http_request_duration_seconds',
        'From the headers of a request to the end of its answer, but for event streams.',
        'histogram',
        () => this.#toDurations(),
      ),
    );
  }

  /** The route, not the path: the number of series must not be the callers' choice. */
  #figuresOf(route: Route | undefined, method: string): RouteFigures {
    const key = route ?? method;
    let figures = this.#byRoute.get(key);
    if (!figures) {
      figures = new RouteFigures({ method: route?.method ?? method, route: route?.pattern ?? UNMATCHED });
      this.#byRoute.set(key, figures);
    }
    return figures;
  }

  #toCounts(): Sample[] {
    return [...this.#byRoute.values()].flatMap(({ labels, byStatus }) =>
      [...byStatus].map(([status, value]) => ({ labels: { ...labels, status }, value })),
    );
  }

  #toDurations(): Sample[] {
    const timed = [...this.#byRoute.values()].filter(({ buckets }) => buckets.some((count) => count > 0));
    return timed.flatMap(toHistogram);
  }
}

/** Nearly all are in the first one or two, so looking from below is the shortest way. */
function toBucket(seconds: number): number {
  const index = BUCKETS_SECONDS.findIndex((bound) => seconds <= bound);
  return index === -1 ? BUCKETS_SECONDS.length : index;
}

function toHistogram({ labels, buckets, sumSeconds }: RouteFigures): Sample[] {
  const name = 'codex_web_http_request_duration_seconds';
  let total = 0;
  const counts = buckets.map((count, index) => {
    total += count;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: BUCKETS_SECONDS[index] ?? '+Inf' }, value: total };
  });
  return [
    ...counts,
    { metricName: `${name}_sum`, labels, value: sumSeconds },
    { metricName: `${name}_count`, labels, value: total },
  ];
}

/** All that a registry asks of a metric. Its type knows prom-client's own classes only. */
function toMetric(name: string, help: string, type: string, read: () => Sample[]): Metric {
  const metric = { name, help, type, get: () => Promise.resolve({ name, help, type, values: read() }) };
  return metric as unknown as Metric;
}
