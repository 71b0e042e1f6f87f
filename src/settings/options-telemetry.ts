import { type OptionOf } from './option.js';
import { type TelemetryValues } from './settings.js';
import * as value from './value-parsers.js';

/** OpenTelemetry's own variables (its specification, "OpenTelemetry Protocol Exporter"); they have no flags there. */
export const TELEMETRY_OPTIONS = [
  {
    name: 'otlpEndpoint',
    env: ['OTEL_EXPORTER_OTLP_ENDPOINT'],
    placeholder: 'URL',
    help: 'OTLP/HTTP collector that traces go to, at /v1/traces below it',
    defaultHelp: 'no traces',
    parse: value.parseHttpUrl,
  },
  {
    name: 'otlpTracesEndpoint',
    env: ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
    placeholder: 'URL',
    help: 'the same as a whole address',
    defaultHelp: 'no traces',
    parse: value.parseHttpUrl,
  },
  {
    name: 'otlpHeaders',
    env: ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'],
    placeholder: 'LIST',
    help: 'headers for the collector: name=value, comma separated',
    defaultHelp: 'none',
    parse: value.parseHeaderList,
  },
  {
    name: 'serviceName',
    env: ['OTEL_SERVICE_NAME'],
    placeholder: 'NAME',
    help: 'what traces are labelled with',
    defaultHelp: 'codex-web-server',
    parse: value.parseText,
  },
] satisfies readonly OptionOf[];

export function defaultTelemetry(): TelemetryValues {
  return { otlpEndpoint: null, otlpTracesEndpoint: null, otlpHeaders: {}, serviceName: 'codex-web-server' };
}
