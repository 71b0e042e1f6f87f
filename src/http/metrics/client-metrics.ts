import { Counter, Gauge } from 'prom-client';
import { type Connections } from '../limits/connections.js';
import { type BufferBudget } from '../limits/buffer-budget.js';
import { type StreamSlots } from '../limits/stream-slots.js';
import { type SseStreams } from '../sse/sse-streams.js';
import { type Metrics } from './metrics.js';

export interface ClientSources {
  connections: Connections;
  streams: SseStreams;
  slots: StreamSlots;
  budget: BufferBudget;
}

/** Connections and event streams: how many, and what their readers are behind with. */
export function registerClientMetrics(metrics: Metrics, { connections, streams, slots, budget }: ClientSources): void {
  const registers = [metrics.registry];
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const counter = (name: string, help: string, read: () => number): void => {
    const made = new Counter({ name, help, registers });
    metrics.onScrape(() => {
      made.reset();
      made.inc(read());
    });
  };
  const open = gauge('codex_web_connections_open', 'Connections of all clients.');
  const openStreams = gauge('codex_web_streams_open', 'Event streams that are open.');
  const buffered = gauge('codex_web_streams_buffered_bytes', 'What waits for the readers of all streams to take it.');
  const worst = gauge('codex_web_streams_buffered_bytes_max', 'The same of the stream with the slowest reader.');
  const held = gauge('codex_web_received_bytes', 'Bodies and WebSocket frames that are held until they are answered.');
  metrics.onScrape(() => {
    open.set(connections.openCount);
    openStreams.set(streams.openCount);
    const bytes = streams.bufferedBytes();
    buffered.set(bytes.reduce((sum, part) => sum + part, 0));
    held.set(budget.heldBytes);
    worst.set(bytes.reduce((most, part) => Math.max(most, part), 0));
  });
  counter(
    'codex_web_connections_refused_total',
    'Connections closed at once, past --max-connections.',
    () => connections.refusedCount,
  );
  counter(
    'codex_web_connections_stalled_total',
    'Connections closed since their clients took nothing for --stall-timeout.',
    () => connections.stalledCount,
  );
  counter('codex_web_streams_opened_total', 'Event streams that were opened.', () => streams.openedCount);
  counter(
    'codex_web_streams_refused_total',
    'Event streams refused with 429, past --max-streams or --max-streams-per-token.',
    () => slots.refusedCount,
  );
  counter(
    'codex_web_received_refused_total',
    'Bodies and frames refused with 429, past --max-buffered-bytes or --max-buffered-bytes-per-token.',
    () => budget.refusedCount,
  );
  counter('codex_web_streams_lagged_total', 'Event streams ended with stream/lagged.', () => streams.laggedCount);
}
