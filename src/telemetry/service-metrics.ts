import { statfs } from 'node:fs/promises';
import { Counter, Gauge } from 'prom-client';
import { APPROVAL_KINDS } from '../core/approvals/approval.js';
import { type EngineProcessStats, type EngineStats } from '../core/engine/engine-stats.js';
import { type Engine } from '../core/engine/engine.js';
import { type EventRecorder } from '../core/events/event-recorder.js';
import { type Thread } from '../core/threads/thread.js';
import { type ThreadManager } from '../core/threads/thread-manager.js';
import { type Metrics } from '../http/metrics/metrics.js';

export interface ServiceSources {
  version: string;
  dataDir: string;
  recorder: Pick<EventRecorder, 'failure'>;
  manager: Pick<ThreadManager, 'live'>;
  engine: Pick<Engine, 'unavailability'>;
  engineStats: EngineStats;
  /** Bytes of the files of the store, by what they are. */
  storageBytes: () => Promise<Readonly<Record<string, number>>>;
}

/** The figures of what the service does, beside those of its clients. All are read when somebody asks. */
export function registerServiceMetrics(metrics: Metrics, sources: ServiceSources): void {
  registerBuild(metrics, sources);
  registerThreads(metrics, sources);
  registerApprovals(metrics, sources);
  registerEngines(metrics, sources);
  registerStorage(metrics, sources);
}

function registerBuild({ registry }: Metrics, { version }: ServiceSources): void {
  const labelNames = ['version', 'node'];
  const build = toGauge(registry, 'codex_web_build_info', 'Always 1; its labels say what runs.', labelNames);
  build.set({ version, node: process.versions.node }, 1);
}

function registerThreads(metrics: Metrics, { manager }: ServiceSources): void {
  const { registry } = metrics;
  const threads = toGauge(registry, 'codex_web_threads_open', 'Threads that are held in memory.');
  const loaded = toGauge(registry, 'codex_web_threads_loaded', 'Threads that the engine holds in memory.');
  const running = toGauge(registry, 'codex_web_turns_running', 'Turns that the engine works on.');
  const queued = toGauge(registry, 'codex_web_turns_queued', 'Turns that wait for their thread, over all threads.');
  const oldest = toGauge(
    registry,
    'codex_web_turns_queued_oldest_seconds',
    'For how long the turn that waits longest has waited.',
  );
  metrics.onScrape(() => {
    const live = [...manager.live];
    threads.set(live.length);
    loaded.set(live.filter(({ isLoaded }) => isLoaded).length);
    running.set(live.filter(({ activeTurn }) => activeTurn).length);
    queued.set(live.reduce((sum, { queuedTurns }) => sum + queuedTurns.length, 0));
    oldest.set(live.reduce((most, thread) => Math.max(most, waitedSeconds(thread)), 0));
  });
}

function waitedSeconds({ queuedTurns: [first] }: Thread): number {
  return first === undefined ? 0 : Math.max(0, Date.now() - Date.parse(first.createdAt)) / 1000;
}

function registerApprovals(metrics: Metrics, { manager }: ServiceSources): void {
  const help = 'Questions of the engine that nobody has answered yet.';
  const pending = toGauge(metrics.registry, 'codex_web_approvals_pending', help, ['kind']);
  metrics.onScrape(() => {
    const questions = [...manager.live].flatMap(({ pendingApprovals }) => pendingApprovals);
    for (const kind of APPROVAL_KINDS) {
      pending.set({ kind }, questions.filter((question) => question.kind === kind).length);
    }
  });
}

/** What is told of each process of the engine; `undefined` while it is not known. */
const PROCESS_FIGURES: readonly (readonly [string, string, (process: EngineProcessStats) => number | undefined])[] = [
  [
    'codex_web_engine_resident_bytes',
    'Resident memory of an engine process and all that it started.',
    ({ rssBytes }) => rssBytes,
  ],
  [
    'codex_web_engine_child_processes',
    'What an engine process started and that still runs, such as commands and MCP servers.',
    ({ childProcesses }) => childProcesses,
  ],
  [
    'codex_web_engine_loaded_threads',
    'Threads that an engine process has in memory.',
    ({ loadedThreads }) => loadedThreads,
  ],
  [
    'codex_web_engine_active_threads',
    'Threads in which an engine process works.',
    ({ activeThreads }) => activeThreads,
  ],
  [
    'codex_web_engine_requests_in_flight',
    'Requests to an engine process that wait for their answer.',
    ({ requestsInFlight }) => requestsInFlight,
  ],
  ['codex_web_engine_age_seconds', 'For how long an engine process has run.', ({ ageMs }) => ageMs / 1000],
];

function registerEngines(metrics: Metrics, { engine, engineStats }: ServiceSources): void {
  const { registry } = metrics;
  const available = toGauge(registry, 'codex_web_engine_available', '1 while the engine takes requests.');
  const labels = ['engine', 'state'];
  const figures = PROCESS_FIGURES.map(([name, help, read]) => ({ gauge: toGauge(registry, name, help, labels), read }));
  metrics.onScrape(() => {
    available.set(engine.unavailability === undefined ? 1 : 0);
    const { processes } = engineStats.read();
    for (const { gauge, read } of figures) {
      gauge.reset();
      for (const process of processes) {
        const value = read(process);
        if (value !== undefined) {
          gauge.set({ engine: process.place, state: process.state }, value);
        }
      }
    }
  });
  registerEngineCounts(metrics, engineStats);
}

function registerEngineCounts(metrics: Metrics, stats: EngineStats): void {
  const count = (name: string, help: string, read: () => number): void => {
    const counter = new Counter({ name, help, registers: [metrics.registry] });
    metrics.onScrape(() => {
      counter.reset();
      counter.inc(read());
    });
  };
  count(
    'codex_web_engine_restarts_total',
    'Engine processes that died and were started again.',
    () => stats.read().restarts,
  );
  count('codex_web_engine_recycles_total', 'Engine processes that were replaced.', () => stats.read().recycles);
  count(
    'codex_web_engine_orphans_ended_total',
    'Processes that an engine left behind and that were ended.',
    () => stats.read().orphansEnded,
  );
}

function registerStorage(metrics: Metrics, { recorder, storageBytes, dataDir }: ServiceSources): void {
  const { registry } = metrics;
  const available = toGauge(registry, 'codex_web_storage_available', '1 while everything can be stored.');
  const bytes = toGauge(registry, 'codex_web_storage_bytes', 'The size of the files of the database.', ['file']);
  const free = toGauge(registry, 'codex_web_data_dir_free_bytes', 'What the disk of the data directory has left.');
  metrics.onScrape(async () => {
    available.set(recorder.failure === undefined ? 1 : 0);
    for (const [file, size] of Object.entries(await storageBytes())) {
      bytes.set({ file }, size);
    }
  });
  metrics.onScrape(async () => {
    const disk = await statfs(dataDir);
    free.set(disk.bavail * disk.bsize);
  });
}

function toGauge(registry: Metrics['registry'], name: string, help: string, labelNames: string[] = []): Gauge {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}
