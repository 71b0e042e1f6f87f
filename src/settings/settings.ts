export const DIALECTS = ['v2', 'responses', 'chat', 'messages', 'bridge'] as const;
export type Dialect = (typeof DIALECTS)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const APPROVAL_POLICIES = ['untrusted', 'on-request', 'never'] as const;
export type ApprovalPolicy = (typeof APPROVAL_POLICIES)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

/** Who set a value: the command line wins over the environment, and that over the default. */
export type ValueSource = 'flag' | 'env' | 'default';

/** All that can be set from outside, save the token: what `parseSettings` makes without touching a disk. */
export interface SettingValues {
  readonly host: string;
  /** 0: the system picks a free one. */
  readonly port: number;
  readonly codexHome: string;
  readonly dataDir: string;
  /** Absolute; every path in a request must resolve under one of them. */
  readonly workspaceRoots: readonly string[];
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
  readonly bridgeRequestTimeoutMs: number;
  readonly healthStatus: string;
  readonly isExposingReasoningModels: boolean;
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
  readonly value: string;
  readonly source: 'env' | 'file' | 'generated' | 'stored';
  /** True only at the start that made it, which is when it is to be shown. */
  readonly wasGenerated: boolean;
  /** The file it is kept in; `null` when it came from the environment. */
  readonly path: string | null;
}

export interface Settings extends SettingValues {
  readonly authToken: AuthToken;
  readonly sources: Readonly<Record<SettingName, ValueSource>>;
  /** The environment for the engine's process: this process's own without this server's secrets. */
  readonly engineEnv: Environment;
}
