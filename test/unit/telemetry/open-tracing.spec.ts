import { findTracesUrl } from '../../../src/telemetry/open-tracing.js';

describe('findTracesUrl', () => {
  it.each([
    ['http://127.0.0.1:4318', null, 'http://127.0.0.1:4318/v1/traces'],
    ['http://127.0.0.1:4318/', null, 'http://127.0.0.1:4318/v1/traces'],
    ['https://collector.example/otlp', null, 'https://collector.example/otlp/v1/traces'],
    [null, 'http://127.0.0.1:4318/traces', 'http://127.0.0.1:4318/traces'],
    ['http://127.0.0.1:1', 'http://127.0.0.1:2/traces', 'http://127.0.0.1:2/traces'],
    [null, null, null],
  ])('makes of the base %s and the whole %s: %s', (otlpEndpoint, otlpTracesEndpoint, expected) => {
    expect(findTracesUrl({ otlpEndpoint, otlpTracesEndpoint })).toBe(expected);
  });
});
