import { readFileSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { type Logger } from 'pino';
import { AppModule, type AppParts } from './app.module.js';
import { CodexEngine } from './codex/codex-engine.js';
import { CONFIG_FILE } from './codex/config/config-file.js';
import { RuleFiles } from './codex/rules/rule-files.js';
import { createAgentServices } from './codex/services/agent-services.js';
import { toEngineCommand, toProcessOptions, toThreadDefaults } from './codex/engine-command.js';
import { within } from './core/within.js';
import { type EffectiveValue } from './core/engine/effective-value.js';
import { createCore, type CoreOptions, type CoreServices } from './core/core-services.js';
import { type FeedbackDelivery } from './core/feedback/feedback-delivery.js';
import { type Engine } from './core/engine/engine.js';
import { type Log } from './core/log.js';
import { steadyNowMs } from './core/steady-clock.js';
import { scriptedProviderOverrides } from './demo/scripted-model/provider-overrides.js';
import { ScriptedModel } from './demo/scripted-model/scripted-model.js';
import { configureHttp } from './http/configure-http.js';
import { Readiness, ReasonProbe } from './http/health/readiness.js';
import { Connections } from './http/limits/connections.js';
import { NestLog } from './http/logging/nest-log.js';
import { PinoLog } from './http/logging/pino-log.js';
import { IndexedExpressAdapter } from './http/routing/indexed-express-adapter.js';
import { SseStreams } from './http/sse/sse-streams.js';
import { GuardedLinks } from './links/guarded-links.js';
import { toComponents } from './openapi/components.js';
import { BODY_EXAMPLES } from './openapi/examples.js';
import { TAGS } from './openapi/tags.js';
import { SentryDelivery } from './sentry/sentry-delivery.js';
import { type Settings } from './settings/settings.js';
import { EmbeddedStorage } from './storage/embedded/embedded-storage.js';
import { type EngineSetup, startGateway } from './start-gateway.js';
import { startTelemetry, watchParts } from './start-telemetry.js';
import { startMaintenance } from './start-maintenance.js';
import { DiskPaths } from './workspace/disk-paths.js';

const MAX_LIVE_THREADS = 5_000;
/** How long answers that are under way have after the turns have ended. */
const LAST_ANSWERS_MS = 2_000;

export interface RunningServer {
  /** `http://HOST:PORT`, as bound. */
  url: string;
  /** The settings of the engine that are in force, with where each is from. */
  effective: readonly EffectiveValue[];
  /** Takes no more requests, ends the streams, lets running turns finish for a while, and stores what is left. */
  stop: (graceMs: number) => Promise<void>;
}

/** Starts everything that the settings ask for. What was started is stopped again when a later part fails. */
export async function startServer(settings: Settings, logger: Logger): Promise<RunningServer> {
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.reverse()) {
      await close();
    }
  };
  try {
    return await start(settings, logger, closers, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function start(
  settings: Settings,
  logger: Logger,
  closers: (() => Promise<void>)[],
  closeAll: () => Promise<void>,
): Promise<RunningServer> {
  const log = new PinoLog(logger);
  const storage = await openStorage(settings, log);
  closers.push(() => storage.close());
  const version = serverVersion();
  const telemetry = await startTelemetry({ settings, storage, version, log });
  closers.push(telemetry.stop);
  const model = settings.isDemo ? await startModel(closers) : undefined;
  const setup = await startGateway(settings, log);
  closers.push(setup.close);
  const engine = createEngine(settings, { setup, model, version, log });
  const feedbackDelivery = openFeedbackDelivery(settings);
  const links = new GuardedLinks({ privateHosts: settings.linkHosts });
  const adapters = { ...pick(storage), ...setup.translate(createAgentServices(engine.client)), ...telemetry.ports };
  const rules = new RuleFiles(settings.codexHome);
  const ports = { engine, log, feedbackDelivery, links, rules, paths: new DiskPaths(), ...adapters };
  const services = createCore(ports, toCoreOptions(settings));
  const app = await createApp({ settings, logger, ports, services, telemetry });
  configureHttp(app, { version, schemas: toComponents(settings.dialects), tags: TAGS, examples: BODY_EXAMPLES });
  const connections = new Connections(app.getHttpServer(), settings);
  registerProbes(app, engine, services);
  watchParts(app, telemetry, { settings, version, engine, services, connections });
  closers.push(await startServices(services, engine));
  await engine.start();
  await services.sync.run();
  // Before events are deleted, the edges look at what was open; and they bring jobs of their own.
  await app.init();
  closers.push(startMaintenance(storage, services, log));
  await app.listen(settings.port, settings.host);
  return {
    url: toUrl(app, settings),
    effective: setup.toEffective(),
    stop: async (graceMs) => {
      await drain(app, services, connections, graceMs);
      await closeAll();
    },
  };
}

interface EngineParts {
  setup: EngineSetup;
  model: ScriptedModel | undefined;
  version: string;
  log: Log;
}

function createEngine(settings: Settings, { setup, model, version, log }: EngineParts): CodexEngine {
  return new CodexEngine({
    command: toEngineCommand(setup.settings, toOverrides(setup, model)),
    bareHome: setup.bareHome,
    configPath: join(setup.settings.codexHome, CONFIG_FILE),
    threadDefaults: toThreadDefaults(setup.settings),
    providerNames: setup.names,
    guard: setup.guard,
    ...toProcessOptions(settings),
    version,
    clientName: settings.clientName,
    log,
  });
}

function openStorage(settings: Settings, log: Log): Promise<EmbeddedStorage> {
  const warn = (message: string): void => {
    log.write('warn', message);
  };
  return EmbeddedStorage.open({ dataDir: settings.dataDir, retention: settings, warn });
}

const toOverrides = ({ overrides }: EngineSetup, model: ScriptedModel | undefined): string[] => [
  ...overrides,
  ...(model ? scriptedProviderOverrides(model.baseUrl) : []),
];

async function startModel(closers: (() => Promise<void>)[]): Promise<ScriptedModel> {
  const model = await ScriptedModel.start();
  closers.push(() => model.close());
  return model;
}

/** Before the engine, whose first words they are to hear. Gives what ends them and it. */
async function startServices(services: CoreServices, engine: Engine): Promise<() => Promise<void>> {
  await services.manager.start();
  await services.uploadSweep.start();
  await services.feedbackDispatcher.start();
  services.idleThreads.start();
  return async () => {
    services.idleThreads.stop();
    services.uploadSweep.stop();
    services.manager.stop();
    await engine.stop();
    await services.recorder.durable();
    await services.feedbackDispatcher.stop();
  };
}

function createApp(parts: AppParts): Promise<NestExpressApplication> {
  const logger = new NestLog(parts.logger);
  return NestFactory.create(AppModule.register(parts), new IndexedExpressAdapter(), { bodyParser: false, logger });
}

function toUrl(app: NestExpressApplication, { host }: Settings): string {
  const { port } = app.getHttpServer().address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

function toCoreOptions(settings: Settings): CoreOptions {
  return {
    allowsConfigAdmin: settings.allowsConfigAdmin,
    approvalTimeoutMs: settings.approvalTimeoutMs,
    maxAttachmentBytes: settings.maxAttachmentBytes,
    attachmentRetentionMs: settings.attachmentRetentionMs,
    idleThreadTimeoutMs: settings.idleThreadTimeoutMs,
    maxQueuedTurns: settings.maxQueuedTurns,
    maxLiveThreads: MAX_LIVE_THREADS,
    nowMs: steadyNowMs,
    workspaceRoots: settings.workspaceRoots,
  };
}

function pick(storage: EmbeddedStorage): Pick<EmbeddedStorage, StoragePort> {
  const { journal, eventLog, threads, turns, approvals, attachments, attachmentFiles } = storage;
  const { feedback, idempotency, records } = storage;
  return { journal, eventLog, threads, turns, approvals, attachments, attachmentFiles, feedback, idempotency, records };
}

type StoragePort =
  | ('journal' | 'eventLog' | 'threads' | 'turns' | 'approvals')
  | ('attachments' | 'attachmentFiles' | 'feedback' | 'idempotency' | 'records');

function openFeedbackDelivery({ sentryDsn: dsn, engineEnv: env }: Settings): FeedbackDelivery | null {
  return dsn === null ? null : new SentryDelivery({ dsn, version: serverVersion(), env });
}

function registerProbes(app: NestExpressApplication, engine: Engine, { recorder }: CoreServices): void {
  const readiness = app.get(Readiness);
  readiness.register(new ReasonProbe('engine', () => engine.unavailability));
  readiness.register(new ReasonProbe('storage', () => recorder.failure?.message));
}

async function drain(
  app: NestExpressApplication,
  { manager }: CoreServices,
  connections: Connections,
  graceMs: number,
): Promise<void> {
  app.get(Readiness).startDraining();
  const closed = app.close();
  await manager.drain(graceMs);
  await app.get(SseStreams).closeAll();
  connections.closeUnused();
  // What still waits for an answer, or has not been sent whole, has had its time.
  await within(LAST_ANSWERS_MS, closed);
  app.getHttpServer().closeAllConnections();
  await closed;
}

export function serverVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
