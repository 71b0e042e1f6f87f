import { Accounts } from './engine/accounts.js';
import { Models, Skills } from './engine/catalogue.js';
import { CommandService } from './engine/command-service.js';
import { type CommandRunner } from './engine/command-runner.js';
import { Configuration } from './engine/configuration.js';
import { McpServers } from './engine/mcp-servers.js';
import { type Rules } from './engine/rules.js';
import { ApprovalIndex } from './approvals/approval-index.js';
import { type AttachmentFiles } from './attachments/attachment-files.js';
import { type AttachmentIndex } from './attachments/attachment-index.js';
import { AttachmentSweep, type AttachmentSweepOptions } from './attachments/attachment-sweep.js';
import { Attachments, type AttachmentsOptions } from './attachments/attachments.js';
import { LinkedFiles } from './attachments/linked-files.js';
import { Engine } from './engine/engine.js';
import { EngineView } from './engine/engine-view.js';
import { EventBus } from './events/event-bus.js';
import { EventLog } from './events/event-log.js';
import { EventRecorder } from './events/event-recorder.js';
import { FeedbackService } from './feedback/feedback-service.js';
import { type FeedbackDelivery } from './feedback/feedback-delivery.js';
import { FeedbackDispatcher } from './feedback/feedback-dispatcher.js';
import { type FeedbackOutbox } from './feedback/feedback-outbox.js';
import { IdempotencyService } from './idempotency/idempotency-service.js';
import { type IdempotencyStore } from './idempotency/idempotency-store.js';
import { type Journal } from './events/journal.js';
import { type Log } from './log.js';
import { IdleThreads, type IdleThreadsOptions } from './threads/idle-threads.js';
import { RuleService } from './threads/rule-service.js';
import { ThreadDirectory } from './threads/thread-directory.js';
import { ThreadHistory } from './threads/thread-history.js';
import { ThreadIndex } from './threads/thread-index.js';
import { ThreadLifecycle } from './threads/thread-lifecycle.js';
import { type ThreadManagerOptions } from './threads/thread-manager-ports.js';
import { ThreadManager } from './threads/thread-manager.js';
import { ThreadSync } from './threads/thread-sync.js';
import { Records } from './records/records.js';
import { ToolCalls } from './turns/tool-calls.js';
import { TurnFeed } from './turns/turn-feed.js';
import { TurnIndex } from './turns/turn-index.js';
import { type TurnObserver } from './turns/turn-observer.js';
import { MaintenanceJobs } from './maintenance.js';
import { type RealPaths } from './workspace/real-paths.js';
import { ConfigKeys, type ConfigKeyTable } from './permissions/config-keys.js';
import { ConfigPolicy, type ConfigPolicyOptions } from './permissions/config-policy.js';
import { Workspace } from './workspace/workspace.js';

/** The adapters that the core works with. */
export interface CorePorts {
  engine: Engine;
  journal: Journal;
  eventLog: EventLog;
  threads: ThreadIndex;
  turns: TurnIndex;
  approvals: ApprovalIndex;
  log: Log;
  accounts: Accounts;
  configuration: Configuration;
  models: Models;
  skills: Skills;
  rules: Rules;
  mcpServers: McpServers;
  commands: CommandRunner;
  view: EngineView;
  attachments: AttachmentIndex;
  attachmentFiles: AttachmentFiles;
  feedback: FeedbackOutbox;
  feedbackDelivery: FeedbackDelivery | null;
  idempotency: IdempotencyStore;
  turnObserver: TurnObserver;
  records: Records;
  links: LinkedFiles;
  paths: RealPaths;
  configKeys: ConfigKeyTable;
}

/** Everything that the edges ask for by its class. */
export interface CoreServices {
  workspace: Workspace;
  commandService: CommandService;
  bus: EventBus;
  recorder: EventRecorder;
  manager: ThreadManager;
  idleThreads: IdleThreads;
  history: ThreadHistory;
  lifecycle: ThreadLifecycle;
  directory: ThreadDirectory;
  sync: ThreadSync;
  uploads: Attachments;
  uploadSweep: AttachmentSweep;
  feedback: FeedbackService;
  feedbackDispatcher: FeedbackDispatcher;
  idempotency: IdempotencyService;
  turnFeed: TurnFeed;
  toolCalls: ToolCalls;
  ruleService: RuleService;
  maintenanceJobs: MaintenanceJobs;
  configPolicy: ConfigPolicy;
}

export type CoreOptions = ThreadManagerOptions &
  AttachmentsOptions &
  AttachmentSweepOptions &
  ConfigPolicyOptions &
  IdleThreadsOptions & {
    /** Absolute; the folders that callers may work in. */
    workspaceRoots: readonly string[];
  };

export function createCore(ports: CorePorts, options: CoreOptions): CoreServices {
  const workspace = new Workspace(ports.paths, options.workspaceRoots);
  const commandService = new CommandService({ ...ports, workspace });
  const bus = new EventBus();
  const recorder = new EventRecorder(ports.journal, ports.eventLog, bus);
  const uploads = new Attachments(ports, options);
  const uploadSweep = new AttachmentSweep({ ...ports, uploads }, options);
  const configPolicy = new ConfigPolicy(new ConfigKeys(ports.configKeys), options);
  const manager = new ThreadManager({ ...ports, recorder, uploads, workspace, configPolicy }, options);
  const idleThreads = new IdleThreads({ ...ports, recorder, manager }, options);
  const history = new ThreadHistory({ ...ports, recorder, manager });
  const lifecycle = new ThreadLifecycle({ ...ports, recorder, manager, history, uploads, workspace, configPolicy });
  const sync = new ThreadSync({ ...ports, manager });
  const directory = new ThreadDirectory({ ...ports, recorder, manager, sync });
  const { feedback: outbox, feedbackDelivery: delivery } = ports;
  const feedbackDispatcher = new FeedbackDispatcher({ ...ports, outbox, delivery });
  const feedback = new FeedbackService({ outbox, dispatcher: feedbackDispatcher, directory });
  const idempotency = new IdempotencyService(ports.idempotency, options.nowMs);
  const turnFeed = new TurnFeed({ log: ports.eventLog, bus, manager });
  const toolCalls = new ToolCalls({ ...ports, manager });
  const ruleService = new RuleService({ ...ports, manager });
  return {
    ...{
      workspace,
      configPolicy,
      commandService,
      turnFeed,
      toolCalls,
      ruleService,
      maintenanceJobs: new MaintenanceJobs(),
    },
    ...{ bus, recorder, manager, idleThreads, history, lifecycle, directory, sync, uploads, uploadSweep },
    ...{ feedback, feedbackDispatcher, idempotency },
  };
}

/** Class and instance of everything that can be injected. */
export function coreProviders(ports: CorePorts, services: CoreServices): { provide: unknown; useValue: unknown }[] {
  return [
    { provide: Engine, useValue: ports.engine },
    { provide: EventLog, useValue: ports.eventLog },
    { provide: ThreadIndex, useValue: ports.threads },
    { provide: TurnIndex, useValue: ports.turns },
    { provide: ApprovalIndex, useValue: ports.approvals },
    { provide: Accounts, useValue: ports.accounts },
    { provide: Configuration, useValue: ports.configuration },
    { provide: Models, useValue: ports.models },
    { provide: Skills, useValue: ports.skills },
    { provide: McpServers, useValue: ports.mcpServers },
    { provide: CommandService, useValue: services.commandService },
    { provide: Workspace, useValue: services.workspace },
    { provide: ConfigPolicy, useValue: services.configPolicy },
    { provide: EngineView, useValue: ports.view },
    { provide: Records, useValue: ports.records },
    { provide: LinkedFiles, useValue: ports.links },
    { provide: TurnFeed, useValue: services.turnFeed },
    { provide: ToolCalls, useValue: services.toolCalls },
    { provide: RuleService, useValue: services.ruleService },
    { provide: MaintenanceJobs, useValue: services.maintenanceJobs },
    { provide: EventBus, useValue: services.bus },
    { provide: EventRecorder, useValue: services.recorder },
    { provide: ThreadManager, useValue: services.manager },
    { provide: ThreadHistory, useValue: services.history },
    { provide: ThreadLifecycle, useValue: services.lifecycle },
    { provide: ThreadDirectory, useValue: services.directory },
    { provide: ThreadSync, useValue: services.sync },
    { provide: Attachments, useValue: services.uploads },
    { provide: FeedbackService, useValue: services.feedback },
  ];
}
