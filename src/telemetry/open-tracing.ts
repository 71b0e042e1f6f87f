import { type Log } from '../core/log.js';
import { type TelemetryValues } from '../settings/settings.js';
import { type OtelTracing } from './otel-tracing.js';

/** OpenTelemetry's libraries are loaded only where traces are wanted. */
export async function openTracing(settings: TelemetryValues, version: string, log: Log): Promise<OtelTracing | null> {
  const url = findTracesUrl(settings);
  if (url === null) {
    return null;
  }
  const { OtelTracing: Tracing } = await import('./otel-tracing.js');
  return new Tracing({ url, headers: settings.otlpHeaders, serviceName: settings.serviceName, version, log });
}

/** The address of traces as it is, or below the base address (OTLP specification, "Endpoint URLs for OTLP/HTTP"). */
export function findTracesUrl({
  otlpEndpoint: base,
  otlpTracesEndpoint: whole,
}: Pick<TelemetryValues, 'otlpEndpoint' | 'otlpTracesEndpoint'>): string | null {
  return whole ?? (base === null ? null : `${base.replace(/\/$/, '')}/v1/traces`);
}
