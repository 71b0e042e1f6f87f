export const DIALECTS = ['v2', 'responses', 'chat', 'messages', 'bridge'] as const;
export type Dialect = (typeof DIALECTS)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const APPROVAL_POLICIES = ['untrusted', 'on-request', 'never'] as const;
export type ApprovalPolicy = (typeof APPROVAL_POLICIES)[number];

export const UNSUPPORTED_PARAMETERS = ['ignore', 'refuse'] as const;
export type UnsupportedParameters = (typeof UNSUPPORTED_PARAMETERS)[number];

/** From the least to the most that commands may do. */
export const SANDBOX_LEVELS = ['read-only', 'workspace-write', 'danger-full-access'] as const;
export type SandboxLevel = (typeof SANDBOX_LEVELS)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

/** Who set a value: the command line wins over the environment, and that over the default. */
export type ValueSource = 'flag' | 'env' | 'default';

/** What clients may take up, together and each. */
export interface LimitValues {
  /** Connections of all clients; one more is closed as soon as it is accepted. */
  readonly maxConnections: number;
  /** Open event streams of all callers together, and of one token. */
  readonly maxStreams: number;
  readonly maxStreamsPerToken: number;
  /** What is held of what callers have sent, of all together and of one token. */
  readonly maxBufferedBytes: number;
  readonly maxBufferedBytesPerToken: number;
  /** For all headers of a request to arrive. */
  readonly headersTimeoutMs: number;
  /** For a JSON body to arrive. */
  readonly bodyTimeoutMs: number;
  /** For any request to arrive whole, uploads too. */
  readonly uploadTimeoutMs: number;
  /** How long an answer may wait for a client that takes nothing of it. */
  readonly stallTimeoutMs: number;
  /** Writes of one token in ten seconds. */
  readonly writesPerTenSeconds: number;
  /** Refused log-ins and writes without a token, of one address in a minute. */
  readonly strangersPerMinute: number;
  /** Turns of one thread that wait behind the running one. */
  readonly maxQueuedTurns: number;
  /** Hosts (`HOST` or `HOST:PORT`) to which links in the input may lead although their address is a private one. */
  readonly linkHosts: readonly string[];
}

/** What is kept for how long. Events of a running turn, and a response under way, are, whatever these say. */
export interface RetentionValues {
  readonly eventRetentionMs: number;
  /** The latest ones. */
  readonly maxEventsPerThread: number;
  /** Of all threads together. */
  readonly maxEventBytes: number;
  /** Responses and conversations of the OpenAI Responses API. */
  readonly responseRetentionMs: number;
}

/** The engine's processes, and when what they hold is let go of. */
export interface EngineValues {
  /** Whether the engine may be of another version than its protocol here. */
  readonly allowsAnyCodexVersion: boolean;
  readonly engines: number;
  /** Threads in which nothing happened for so long leave the memory. */
  readonly idleThreadTimeoutMs: number;
  /** Past one of these a process is replaced between turns; 0: no limit. Memory and children count its descendants. */
  readonly engineMaxMemoryBytes: number;
  readonly engineMaxChildren: number;
  readonly engineMaxAgeMs: number;
  readonly engineCheckIntervalMs: number;
}

/** Where traces go; the names of the variables are OpenTelemetry's. */
export interface TelemetryValues {
  /** The base address; `/v1/traces` is added. */
  readonly otlpEndpoint: string | null;
  /** The whole address; it counts before the base. */
  readonly otlpTracesEndpoint: string | null;
  readonly otlpHeaders: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

/** For clients of the OpenAI APIs. */
export interface DialectValues {
  readonly isExposingReasoningModels: boolean;
  /** What becomes of a parameter that can be left out without harm: it is, and the answer says so; or 400. */
  readonly unsupportedParameters: UnsupportedParameters;
}

/** For users of a server with `/api/thread/*`. */
export interface BridgeValues {
  /** How long a turn may take before its request is answered without it. */
  readonly bridgeRequestTimeoutMs: number;
  /** `null`: as config.toml says. */
  readonly reasoningEffort: string | null;
  /** Where the model provider is; `null`: as config.toml says. */
  readonly apiBaseUrl: string | null;
  /** What the engine is told who uses it. */
  readonly clientName: string;
}

/** What callers without the scope `admin` may ask for at most. */
export interface CeilingValues {
  readonly maxSandbox: SandboxLevel;
  /** Whether they may give the network to commands in a sandbox. */
  readonly allowsNetwork: boolean;
  readonly maxApprovalPolicy: ApprovalPolicy;
}

/** All that can be set from outside, save the token: what `parseSettings` makes without touching a disk. */
export interface SettingValues
  extends DialectValues, BridgeValues, LimitValues, RetentionValues, TelemetryValues, EngineValues, CeilingValues {
  readonly host: string;
  /** 0: the system picks a free one. */
  readonly port: number;
  readonly codexHome: string;
  readonly dataDir: string;
  /** Absolute; every path in a request must resolve under one of them. */
  readonly workspaceRoots: readonly string[];
  /** Absolute; what their `.codex` says counts beside config.toml. */
  readonly trustedFolders: readonly string[];
  /** `null`: the binary of the npm package. */
  readonly codexPath: string | null;
  /** `null`: as config.toml says. */
  readonly model: string | null;
  readonly modelProvider: string | null;
  readonly approvalPolicy: ApprovalPolicy | null;
  readonly isBypassingApprovalsAndSandbox: boolean;
  readonly dialects: readonly Dialect[];
  /** Whether callers may change what can run programs or lift the sandbox. */
  readonly allowsConfigAdmin: boolean;
  readonly hasDocs: boolean;
  readonly isDemo: boolean;
  readonly shutdownTimeoutMs: number;
  readonly approvalTimeoutMs: number;
  readonly healthStatus: string;
  readonly hasShellSnapshot: boolean;
  readonly logLevel: LogLevel;
  /** `Host` values accepted beside the bound address; without a port the bound one is meant, or none. */
  readonly allowedHosts: readonly string[];
  /** Origins of other sites whose pages may call this server, as a browser writes them. */
  readonly allowedOrigins: readonly string[];
  readonly maxBodyBytes: number;
  /** The largest file that can be uploaded. */
  readonly maxAttachmentBytes: number;
  /** How long an uploaded file is kept. */
  readonly attachmentRetentionMs: number;
  /** Where feedback is delivered; `null`: it stays in the outbox. */
  readonly sentryDsn: string | null;
}

export type SettingName = keyof SettingValues;

export interface AuthToken {
  /** SHA-256 of the token, hexadecimal. The token itself is kept nowhere. */
  readonly digest: string;
  /** Stands for whoever holds it. */
  readonly callerId: string;
  readonly source: 'env' | 'file' | 'generated' | 'stored';
  /** The token, at the start that made it and at no other. */
  readonly shownOnce: string | null;
  /** It lay in clear in the data directory until this start. */
  readonly wasTakenOver: boolean;
  /** The file that it, or its digest, is kept in; `null` when it came from the environment. */
  readonly path: string | null;
}

export interface Settings extends SettingValues {
  readonly authToken: AuthToken;
  readonly sources: Readonly<Record<SettingName, ValueSource>>;
  /** The environment for the engine's process: this process's own without this server's secrets. */
  readonly engineEnv: Environment;
}
