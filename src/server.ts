import { readFileSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { type Logger } from 'pino';
import { AppModule, type AppParts } from './app.module.js';
import { toQuestionPayload, toStreamEventSchema } from './api/events/stream-event-schema.js';
import { CodexEngine } from './codex/codex-engine.js';
import { createAgentServices } from './codex/services/agent-services.js';
import { toEngineCommand, toThreadDefaults } from './codex/engine-command.js';
import { NOTIFICATION_PAYLOADS, QUESTION_PAYLOADS } from './codex/event-payloads.js';
import { createCore, type CoreOptions, type CoreServices } from './core/core-services.js';
import { type FeedbackDelivery } from './core/feedback/feedback-delivery.js';
import { type Engine } from './core/engine/engine.js';
import { scriptedProviderOverrides } from './demo/scripted-model/provider-overrides.js';
import { ScriptedModel } from './demo/scripted-model/scripted-model.js';
import { configureHttp } from './http/configure-http.js';
import { Readiness, ReasonProbe } from './http/health/readiness.js';
import { Connections } from './http/limits/connections.js';
import { NestLog } from './http/logging/nest-log.js';
import { PinoLog } from './http/logging/pino-log.js';
import { IndexedExpressAdapter } from './http/routing/indexed-express-adapter.js';
import { SseStreams } from './http/sse/sse-streams.js';
import { type Settings } from './settings/settings.js';
import { EmbeddedStorage } from './storage/embedded/embedded-storage.js';

const MAX_QUEUED_TURNS = 100;
const MAX_LIVE_THREADS = 5_000;

export interface RunningServer {
  /** `http://HOST:PORT`, as bound. */
  url: string;
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
  const storage = await EmbeddedStorage.open({ dataDir: settings.dataDir });
  closers.push(() => storage.close());
  const model = settings.isDemo ? await ScriptedModel.start() : undefined;
  if (model) {
    closers.push(() => model.close());
  }
  const overrides = model ? scriptedProviderOverrides(model.baseUrl) : [];
  const engine = new CodexEngine({
    command: toEngineCommand(settings, overrides),
    threadDefaults: toThreadDefaults(settings),
    version: serverVersion(),
    log,
  });
  const feedbackDelivery = await openFeedbackDelivery(settings);
  const ports = { engine, log, feedbackDelivery, ...pick(storage), ...createAgentServices(engine.client) };
  const services = createCore(ports, toCoreOptions(settings));
  const app = await createApp({ settings, logger, ports, services });
  configureHttp(app, { version: serverVersion(), schemas: toSchemas(settings), tags: TAGS });
  const connections = new Connections(app.getHttpServer());
  registerProbes(app, engine, services);
  await services.manager.start();
  await services.uploadSweep.start();
  await services.feedbackDispatcher.start();
  closers.push(() => services.feedbackDispatcher.stop());
  closers.push(async () => {
    services.uploadSweep.stop();
    services.manager.stop();
    await engine.stop();
    await services.recorder.durable();
  });
  await engine.start();
  await services.sync.run();
  await app.listen(settings.port, settings.host);
  return {
    url: toUrl(app, settings),
    stop: async (graceMs) => {
      await drain(app, services, connections, graceMs);
      await closeAll();
    },
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

const TAGS = {
  threads: 'Conversations with the agent.',
  turns: 'Requests to the agent, and what it did.',
  approvals: 'Questions of the agent that somebody has to answer.',
  attachments: 'Files for turns to refer to.',
  reviews: 'Turns in which the agent reviews changes.',
  models: 'What the agent can think with.',
  skills: 'What the agent has learned to do.',
  mcp: 'Tool servers (Model Context Protocol).',
  config: "The engine's configuration.",
  account: "Codex's own account, not the token of this server.",
  commands: 'Single commands in the sandbox.',
  feedback: 'What users have to say, sent to the operator in the background.',
};

function toCoreOptions({ approvalTimeoutMs, maxAttachmentBytes, attachmentRetentionMs }: Settings): CoreOptions {
  return {
    approvalTimeoutMs,
    maxAttachmentBytes,
    attachmentRetentionMs,
    maxQueuedTurns: MAX_QUEUED_TURNS,
    maxLiveThreads: MAX_LIVE_THREADS,
    nowMs: () => Date.now(),
  };
}

function pick(storage: EmbeddedStorage): Pick<EmbeddedStorage, StoragePort> {
  const { journal, eventLog, threads, turns, approvals, attachments, attachmentFiles } = storage;
  const { feedback, idempotency } = storage;
  return { journal, eventLog, threads, turns, approvals, attachments, attachmentFiles, feedback, idempotency };
}

type StoragePort =
  | ('journal' | 'eventLog' | 'threads' | 'turns' | 'approvals')
  | ('attachments' | 'attachmentFiles' | 'feedback' | 'idempotency');

/** Sentry's library takes a quarter of a second and 50 MB to load, so it is loaded only where it is used. */
async function openFeedbackDelivery({ sentryDsn }: Settings): Promise<FeedbackDelivery | null> {
  if (sentryDsn === null) {
    return null;
  }
  const { SentryDelivery } = await import('./sentry/sentry-delivery.js');
  return new SentryDelivery(sentryDsn, serverVersion());
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
  await closed;
}

function toSchemas({ dialects }: Settings): Record<string, object> {
  const schemas = engineSchemas();
  if (!dialects.includes('v2')) {
    return schemas;
  }
  const questions = Object.values(QUESTION_PAYLOADS).map((name) => [name, toQuestionPayload(schemas[name] ?? {})]);
  return {
    ...schemas,
    ...(Object.fromEntries(questions) as Record<string, object>),
    StreamEvent: toStreamEventSchema(NOTIFICATION_PAYLOADS, QUESTION_PAYLOADS),
  };
}

function engineSchemas(): Record<string, object> {
  const file = new URL('./codex/protocol/generated/openapi-components.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { schemas: Record<string, object> }).schemas;
}

export function serverVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
