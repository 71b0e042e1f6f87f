import { APPROVAL_POLICIES, DIALECTS, LOG_LEVELS, type SettingName, type SettingValues } from './settings.js';
import * as value from './value-parsers.js';

/** How one setting is given from outside. A table row is the only place that knows its names, default and help. */
export interface Option<Name extends SettingName = SettingName> {
  readonly name: Name;
  readonly flag?: string;
  /** In order of weight: the first one set counts. */
  readonly env?: readonly string[];
  /** What stands for the value in `--help`; none: the flag is a switch and takes no value. */
  readonly placeholder?: string;
  readonly help: string;
  readonly defaultHelp: string;
  /** Turns a value into the setting; `list` says how the parts are separated in the environment. */
  readonly parse: value.ValueParser<unknown>;
  readonly list?: ',' | ':';
}

type OptionOf = { [Name in SettingName]: TypedOption<Name> }[SettingName];
type Element<T> = T extends readonly (infer Part)[] ? Part : never;
type TypedOption<Name extends SettingName> = Omit<Option<Name>, 'parse' | 'list'> &
  (
    | { readonly parse: value.ValueParser<SettingValues[Name]> }
    | { readonly list: ',' | ':'; readonly parse: value.ValueParser<Element<SettingValues[Name]>> }
  );

const MEBIBYTE = 1024 * 1024;

export const OPTIONS: readonly Option[] = [
  {
    name: 'port',
    flag: 'port',
    env: ['PORT', 'CODEX_SERVER_PORT'],
    placeholder: 'PORT',
    help: 'port to listen on; 0 picks a free one',
    defaultHelp: '3000',
    parse: value.parsePort,
  },
  {
    name: 'host',
    flag: 'host',
    env: ['HOST'],
    placeholder: 'HOST',
    help: 'address to listen on',
    defaultHelp: '127.0.0.1',
    parse: value.parseHost,
  },
  {
    name: 'codexHome',
    flag: 'codex-home',
    env: ['CODEX_HOME'],
    placeholder: 'DIR',
    help: "Codex's own folder",
    defaultHelp: '~/.codex',
    parse: value.parsePath,
  },
  {
    name: 'dataDir',
    flag: 'data-dir',
    env: ['CODEX_WEB_DATA_DIR'],
    placeholder: 'DIR',
    help: "this server's folder",
    defaultHelp: '<codex home>/web-server',
    parse: value.parsePath,
  },
  {
    name: 'workspaceRoots',
    flag: 'workspace-root',
    env: ['CODEX_WORKSPACE_ROOTS'],
    placeholder: 'DIR',
    help: 'folder that requests may work in (repeatable)',
    defaultHelp: 'the folder it is started in',
    parse: value.parsePath,
    list: ':',
  },
  {
    name: 'codexPath',
    flag: 'codex-path',
    env: ['CODEX_PATH'],
    placeholder: 'FILE',
    help: 'the Codex binary',
    defaultHelp: "the npm package's",
    parse: value.parsePath,
  },
  {
    name: 'model',
    flag: 'model',
    env: ['CODEX_MODEL'],
    placeholder: 'NAME',
    help: 'model of new threads',
    defaultHelp: 'config.toml',
    parse: value.parseText,
  },
  {
    name: 'modelProvider',
    flag: 'model-provider',
    env: ['CODEX_PROVIDER'],
    placeholder: 'NAME',
    help: 'model provider of new threads',
    defaultHelp: 'config.toml',
    parse: value.parseText,
  },
  {
    name: 'approvalPolicy',
    flag: 'approval-policy',
    env: ['CODEX_APPROVAL_POLICY'],
    placeholder: 'POLICY',
    help: `when to ask: ${APPROVAL_POLICIES.join(', ')}`,
    defaultHelp: 'config.toml',
    parse: value.parseChoice(APPROVAL_POLICIES),
  },
  {
    name: 'isBypassingApprovalsAndSandbox',
    flag: 'dangerously-bypass-approvals-and-sandbox',
    help: 'run every command unasked and unconfined',
    defaultHelp: 'off',
    parse: value.parseSwitch,
  },
  {
    name: 'dialects',
    flag: 'dialects',
    env: ['DIALECTS'],
    placeholder: 'LIST',
    help: `front doors to open, comma separated: ${DIALECTS.join(', ')}`,
    defaultHelp: 'all',
    parse: value.parseSubset(DIALECTS),
  },
  {
    name: 'allowsConfigAdmin',
    flag: 'allow-config-admin',
    env: ['CODEX_WEB_ALLOW_CONFIG_ADMIN'],
    parse: value.parseSwitch,
    defaultHelp: 'off',
    help: 'let callers set MCP servers, model providers, hooks, sandbox and approvals in config.toml',
  },
  {
    name: 'hasDocs',
    flag: 'docs',
    env: ['CODEX_WEB_DOCS'],
    placeholder: 'on|off',
    help: 'serve /docs, /redoc and /openapi.json',
    defaultHelp: 'on',
    parse: value.parseSwitch,
  },
  {
    name: 'isDemo',
    flag: 'demo',
    help: 'use the built-in scripted model',
    defaultHelp: 'off',
    parse: value.parseSwitch,
  },
  {
    name: 'shutdownTimeoutMs',
    flag: 'shutdown-timeout',
    env: ['CODEX_WEB_SHUTDOWN_TIMEOUT'],
    placeholder: 'SECONDS',
    help: 'how long running turns may finish after SIGTERM',
    defaultHelp: '10',
    parse: value.parseSeconds,
  },
  {
    name: 'approvalTimeoutMs',
    flag: 'approval-timeout',
    env: ['CODEX_WEB_APPROVAL_TIMEOUT'],
    placeholder: 'SECONDS',
    help: 'how long an approval waits for its answer',
    defaultHelp: '900',
    parse: value.parseSeconds,
  },
  {
    name: 'bridgeRequestTimeoutMs',
    env: ['CODEX_REQUEST_TIMEOUT'],
    placeholder: 'SECONDS',
    help: 'how long a request of the bridge dialect may take',
    defaultHelp: '300',
    parse: value.parseSeconds,
  },
  {
    name: 'healthStatus',
    flag: 'health-status',
    env: ['HEALTH_STATUS'],
    placeholder: 'WORD',
    help: 'what /health answers',
    defaultHelp: 'ok',
    parse: value.parseText,
  },
  {
    name: 'isExposingReasoningModels',
    flag: 'expose-reasoning-models',
    env: ['CODEX_SERVE_EXPOSE_REASONING_MODELS'],
    help: 'list a model once per reasoning effort',
    defaultHelp: 'off',
    parse: value.parseSwitch,
  },
  {
    name: 'hasShellSnapshot',
    flag: 'shell-snapshot',
    help: "let the engine snapshot the user's shell",
    defaultHelp: 'off',
    parse: value.parseSwitch,
  },
  {
    name: 'logLevel',
    flag: 'log-level',
    env: ['LOG_LEVEL'],
    placeholder: 'LEVEL',
    help: `one of ${LOG_LEVELS.join(', ')}`,
    defaultHelp: 'info',
    parse: value.parseChoice(LOG_LEVELS),
  },
  {
    name: 'allowedHosts',
    flag: 'allowed-host',
    env: ['CODEX_WEB_ALLOWED_HOSTS'],
    placeholder: 'HOST',
    help: 'further Host header to accept (repeatable)',
    defaultHelp: 'the bound address',
    parse: value.parseHostHeader,
    list: ',',
  },
  {
    name: 'allowedOrigins',
    flag: 'allowed-origin',
    env: ['CODEX_WEB_ALLOWED_ORIGINS'],
    placeholder: 'ORIGIN',
    help: 'origin whose pages may call this server (repeatable)',
    defaultHelp: 'its own',
    parse: value.parseOrigin,
    list: ',',
  },
  {
    name: 'maxBodyBytes',
    flag: 'max-body-bytes',
    env: ['CODEX_WEB_MAX_BODY_BYTES'],
    placeholder: 'BYTES',
    help: 'largest JSON body',
    defaultHelp: String(MEBIBYTE),
    parse: value.parseInteger(1024, 1024 * MEBIBYTE, 'a number of bytes'),
  },
  {
    name: 'maxAttachmentBytes',
    flag: 'max-attachment-bytes',
    env: ['CODEX_WEB_MAX_ATTACHMENT_BYTES'],
    placeholder: 'BYTES',
    help: 'largest file that can be uploaded',
    defaultHelp: String(100 * MEBIBYTE),
    parse: value.parseInteger(1, 10 * 1024 * MEBIBYTE, 'a number of bytes'),
  },
  {
    name: 'attachmentRetentionMs',
    flag: 'attachment-retention',
    env: ['CODEX_WEB_ATTACHMENT_RETENTION'],
    placeholder: 'DAYS',
    help: 'how long uploaded files are kept',
    defaultHelp: '30',
    parse: value.parseDays,
  },
  {
    name: 'sentryDsn',
    env: ['SENTRY_DSN'],
    placeholder: 'URL',
    help: 'where feedback is delivered',
    defaultHelp: 'kept in the outbox',
    parse: value.parseText,
  },
] satisfies readonly OptionOf[];

export function defaultValues({ cwd, homeDir }: value.PathContext): Omit<SettingValues, 'dataDir'> {
  return {
    host: '127.0.0.1',
    port: 3000,
    codexHome: `${homeDir}/.codex`,
    workspaceRoots: [cwd],
    codexPath: null,
    model: null,
    modelProvider: null,
    approvalPolicy: null,
    isBypassingApprovalsAndSandbox: false,
    dialects: DIALECTS,
    allowsConfigAdmin: false,
    hasDocs: true,
    isDemo: false,
    shutdownTimeoutMs: 10_000,
    approvalTimeoutMs: 900_000,
    bridgeRequestTimeoutMs: 300_000,
    healthStatus: 'ok',
    isExposingReasoningModels: false,
    hasShellSnapshot: false,
    logLevel: 'info',
    allowedHosts: [],
    allowedOrigins: [],
    maxBodyBytes: MEBIBYTE,
    maxAttachmentBytes: 100 * MEBIBYTE,
    attachmentRetentionMs: 30 * 86_400_000,
    sentryDsn: null,
  };
}
