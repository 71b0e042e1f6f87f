import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { type Log } from '../core/log.js';
import { OtelRequestTracer } from './otel-request-tracer.js';
import { OtelTurnTracer } from './otel-turn-tracer.js';

const EXPORT_EVERY_MS = 2_000;
const MAX_QUEUED_SPANS = 8_192;
const MAX_BATCH_SPANS = 1_024;
/** A collector that does not answer must not hold up the end of the process. */
const STOP_WITHIN_MS = 2_000;

export interface TracingOptions {
  /** The whole address of the collector's traces. */
  url: string;
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  version: string;
  log: Log;
}

/** Spans of requests and turns, sent to a collector by OTLP over HTTP in the background. Past the queue they are dropped. */
export class OtelTracing {
  readonly requests: OtelRequestTracer;
  readonly turns: OtelTurnTracer;
  readonly #provider: TracerProvider;

  constructor({ url, headers, serviceName, version, log }: TracingOptions) {
    const logged = (message: string): void => {
      log.write('warn', 'traces', { reason: message });
    };
    const silent = (): void => undefined;
    const logger = { error: logged, warn: logged, info: silent, debug: silent, verbose: silent };
    diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: new OTLPTraceExporter({ url, headers: { ...headers } }),
          scheduledDelayMillis: EXPORT_EVERY_MS,
          maxQueueSize: MAX_QUEUED_SPANS,
          maxExportBatchSize: MAX_BATCH_SPANS,
        }),
      ],
    });
    const tracer = this.#provider.getTracer('codex-web-server', version);
    const active = new AsyncLocalStorage<Context>();
    this.requests = new OtelRequestTracer(tracer, active);
    this.turns = new OtelTurnTracer(tracer, active);
  }

  /** Sends what is left. */
  async stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_WITHIN_MS);
    });
    await Promise.race([this.#provider.shutdown(), late]);
    clearTimeout(timer);
  }
}
