import { type NestExpressApplication } from '@nestjs/platform-express';
import { type CodexEngine } from './codex/codex-engine.js';
import { type CoreServices } from './core/core-services.js';
import { type Journal } from './core/events/journal.js';
import { type Log } from './core/log.js';
import { type TurnObserver } from './core/turns/turn-observer.js';
import { type Connections } from './http/limits/connections.js';
import { BufferBudget } from './http/limits/buffer-budget.js';
import { StreamSlots } from './http/limits/stream-slots.js';
import { registerClientMetrics } from './http/metrics/client-metrics.js';
import { Metrics } from './http/metrics/metrics.js';
import { type RequestTracer } from './http/observe/request-tracer.js';
import { SseStreams } from './http/sse/sse-streams.js';
import { type Settings } from './settings/settings.js';
import { type EmbeddedStorage } from './storage/embedded/embedded-storage.js';
import { storageBytes } from './storage/embedded/storage-size.js';
import { openTracing } from './telemetry/open-tracing.js';
import { registerServiceMetrics } from './telemetry/service-metrics.js';
import { TimedJournal } from './telemetry/timed-journal.js';
import { TurnMetrics } from './telemetry/turn-metrics.js';
import { TurnWatch } from './telemetry/turn-watch.js';

/** What watches the service, and the ports of the core through which it does. */
export interface Telemetry {
  metrics: Metrics;
  tracer: RequestTracer | undefined;
  ports: { journal: Journal; turnObserver: TurnObserver };
  stop: () => Promise<void>;
}

interface TelemetryParts {
  settings: Settings;
  storage: EmbeddedStorage;
  version: string;
  log: Log;
}

export async function startTelemetry({ settings, storage, version, log }: TelemetryParts): Promise<Telemetry> {
  const metrics = new Metrics(log);
  const tracing = await openTracing(settings, version, log);
  const journal = new TimedJournal(storage.journal, metrics.registry);
  const turnMetrics = new TurnMetrics(metrics.registry);
  const { threads } = storage;
  const turnObserver = new TurnWatch({ log, metrics: turnMetrics, tracer: tracing?.turns, threads });
  return {
    metrics,
    tracer: tracing?.requests,
    ports: { journal, turnObserver },
    stop: async () => tracing?.stop(),
  };
}

interface WatchedParts {
  settings: Settings;
  version: string;
  engine: CodexEngine;
  services: CoreServices;
  connections: Connections;
}

/** Adds what there is to read of the parts that run. */
export function watchParts(app: NestExpressApplication, { metrics }: Telemetry, parts: WatchedParts): void {
  const { settings, version, engine, services, connections } = parts;
  const [streams, slots, budget] = [app.get(SseStreams), app.get(StreamSlots), app.get(BufferBudget)];
  registerClientMetrics(metrics, { connections, streams, slots, budget });
  registerServiceMetrics(metrics, {
    ...{ version, dataDir: settings.dataDir, recorder: services.recorder, manager: services.manager },
    engine,
    engineStats: engine.stats,
    storageBytes: () => storageBytes(settings.dataDir),
  });
}
