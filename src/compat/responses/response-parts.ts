import { type FactoryProvider } from '@nestjs/common';
import { Attachments } from '../../core/attachments/attachments.js';
import { LinkedFiles } from '../../core/attachments/linked-files.js';
import { EventLog } from '../../core/events/event-log.js';
import { EventRecorder } from '../../core/events/event-recorder.js';
import { Records } from '../../core/records/records.js';
import { ThreadLifecycle } from '../../core/threads/thread-lifecycle.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { ToolCalls } from '../../core/turns/tool-calls.js';
import { TurnFeed } from '../../core/turns/turn-feed.js';
import { TurnIndex } from '../../core/turns/turn-index.js';
import { steadyNowMs } from '../../core/steady-clock.js';
import { BearerAuthenticator } from '../../http/auth/bearer.js';
import { Revocations } from '../../http/auth/revocations.js';
import { DialectSettings } from '../../http/dialects/dialect-settings.js';
import { BufferBudget } from '../../http/limits/buffer-budget.js';
import { RateLimits } from '../../http/limits/rate-limits.js';
import { StreamSlots } from '../../http/limits/stream-slots.js';
import { LOGGER } from '../../http/logging/logger.js';
import { RequestReader } from '../openai/request-reader.js';
import { Workspace } from '../../core/workspace/workspace.js';
import { ConversationService, type ConversationServicePorts } from './conversations/conversation-service.js';
import { ConversationStore } from './conversations/conversation-store.js';
import { Compactor, type CompactorPorts } from './runs/compactor.js';
import { LiveRuns, type LiveRunsPorts } from './runs/live-runs.js';
import { ResponseService, type ResponseServicePorts } from './runs/response-service.js';
import { ResponseMaker, type ResponseMakerPorts } from './runs/response-maker.js';
import { SealedTexts } from './runs/sealed-text.js';
import { ThreadResolver, type ThreadResolverPorts } from './runs/thread-resolver.js';
import { ResponseSockets, type ResponseSocketsPorts } from './socket/response-sockets.js';
import { ResponseRetention } from './store/response-retention.js';
import { ResponseStore } from './store/response-store.js';

type Token<T> = (abstract new (...args: never[]) => T) | symbol;

/** A provider that is made of what others provide, each under its class. */
function provide<T, Ports extends object>(
  token: abstract new (...args: never[]) => T,
  tokens: { readonly [Name in keyof Ports]-?: Token<Ports[Name]> },
  make: (ports: Ports) => T,
): FactoryProvider {
  const names = Object.keys(tokens) as (keyof Ports)[];
  return {
    provide: token,
    inject: names.map((name) => tokens[name]),
    useFactory: (...deps: unknown[]) => make(Object.fromEntries(names.map((name, at) => [name, deps[at]])) as Ports),
  };
}

/** The parts of the dialect, each made of those before it. */
export const RESPONSE_PARTS: FactoryProvider[] = [
  provide(ResponseStore, { records: Records }, ({ records }: { records: Records }) => new ResponseStore(records)),
  provide(
    ConversationStore,
    { records: Records },
    ({ records }: { records: Records }) => new ConversationStore(records),
  ),
  provide<ResponseRetention, { responses: ResponseStore; conversations: ConversationStore; settings: DialectSettings }>(
    ResponseRetention,
    { responses: ResponseStore, conversations: ConversationStore, settings: DialectSettings },
    ({ settings: { responseRetentionMs: retentionMs }, ...stores }) =>
      new ResponseRetention(stores, { retentionMs, nowMs: steadyNowMs }),
  ),
  provide(SealedTexts, { records: Records }, ({ records }: { records: Records }) => new SealedTexts(records)),
  provide<LiveRuns, LiveRunsPorts>(
    LiveRuns,
    {
      ...{ feed: TurnFeed, store: ResponseStore, manager: ThreadManager, lifecycle: ThreadLifecycle },
      ...{ turns: TurnIndex, log: EventLog, logger: LOGGER },
    },
    (ports) => new LiveRuns(ports),
  ),
  provide<ThreadResolver, ThreadResolverPorts>(
    ThreadResolver,
    {
      ...{ manager: ThreadManager, lifecycle: ThreadLifecycle, recorder: EventRecorder },
      ...{ turns: TurnIndex, toolCalls: ToolCalls },
    },
    (ports) => new ThreadResolver(ports),
  ),
  provide<ResponseMaker, ResponseMakerPorts>(
    ResponseMaker,
    {
      ...{ store: ResponseStore, conversations: ConversationStore, runs: LiveRuns, places: ThreadResolver },
      ...{ sealed: SealedTexts, manager: ThreadManager, recorder: EventRecorder, workspace: Workspace },
      ...{ links: LinkedFiles, attachments: Attachments },
    },
    (ports) => new ResponseMaker(ports),
  ),
  provide<ResponseService, ResponseServicePorts>(
    ResponseService,
    { store: ResponseStore, runs: LiveRuns, maker: ResponseMaker, log: EventLog },
    (ports) => new ResponseService(ports),
  ),
  provide<Compactor, CompactorPorts>(
    Compactor,
    { maker: ResponseMaker, runs: LiveRuns, store: ResponseStore, sealed: SealedTexts },
    (ports) => new Compactor(ports),
  ),
  provide<ConversationService, ConversationServicePorts>(
    ConversationService,
    { conversations: ConversationStore, store: ResponseStore },
    (ports) => new ConversationService(ports),
  ),
  provide<ResponseSockets, ResponseSocketsPorts>(
    ResponseSockets,
    {
      ...{ service: ResponseService, store: ResponseStore, runs: LiveRuns },
      ...{
        bearer: BearerAuthenticator,
        slots: StreamSlots,
        revocations: Revocations,
        budget: BufferBudget,
        limits: RateLimits,
        reader: RequestReader,
      },
    },
    (ports) => new ResponseSockets(ports),
  ),
];
