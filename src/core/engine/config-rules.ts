import { ServiceError } from '../errors.js';
import { shorten } from '../text/clip.js';

/**
 * Keys of the engine's configuration by which programs are run, credentials sent elsewhere, or the sandbox and the
 * questions switched off. They are the operator's: a caller needs `--allow-config-admin` for them.
 */
const ADMIN_KEYS: readonly string[] = [
  'mcp_servers',
  'model_providers',
  'notify',
  'hooks',
  'bypass_hook_trust',
  'plugins',
  'marketplaces',
  'apps',
  'shell_environment_policy',
  'sandbox_mode',
  'sandbox_workspace_write',
  'approval_policy',
  'approvals_reviewer',
  'permissions',
  'default_permissions',
  'projects',
  'profiles',
  'profile',
  'otel',
  'openai_base_url',
  'chatgpt_base_url',
  'cli_auth_credentials_store',
  'mcp_oauth_credentials_store',
  'model_catalog_json',
  'model_instructions_file',
  'experimental_instructions_file',
  'experimental_compact_prompt_file',
  'experimental_thread_store',
  'experimental_thread_store_endpoint',
  'experimental_realtime_ws_base_url',
  'experimental_realtime_webrtc_call_base_url',
  'mcp_oauth_callback_port',
  'mcp_oauth_callback_url',
  'mcp_enterprise_managed_auth',
  'forced_login_method',
  'forced_chatgpt_workspace_id',
  'allow_symlinked_codex_home',
  'agents',
  'auto_review',
  'browser_use',
  'cloud',
  'computer_use',
  'windows',
  'js_repl_node_path',
  'js_repl_node_module_dirs',
  'zsh_path',
  'log_dir',
  'sqlite_home',
  ...[
    'apps',
    'apps_mcp_path_override',
    'browser_use',
    'browser_use_external',
    'codex_hooks',
    'computer_use',
    'connectors',
    'hooks',
    'network_proxy',
    'plugins',
    'remote_control',
    'remote_plugin',
  ].map((feature) => `features.${feature}`),
];

/** The same for the overrides of one thread, where the sandbox and the approval policy are the caller's to choose. */
const THREAD_ADMIN_KEYS: readonly string[] = [
  ...ADMIN_KEYS.filter((key) => !['sandbox_mode', 'sandbox_workspace_write', 'approval_policy'].includes(key)),
  'sandbox_workspace_write.writable_roots',
];

/**
 * Parts of a key path together with the levels of its value. No key of the engine has more than six; its parser of TOML
 * gives up at 80 (0.169.0), and thousands overflow its stack.
 */
const MAX_DEPTH = 32;
const MAX_SHOWN_CHARS = 100;

const UNSAFE_SEGMENTS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** A bare segment, or one in quotes, with the dot or the end that follows. */
const SEGMENT = /(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)+)")(\.(?=.)|$)/gsy;

/**
 * The segments of a key path such as `model` or `tui."my key".x`, as the engine reads them: in quotes, a backslash
 * stands for the character after it. Throws `invalid_request` for one that is none, or that would reach into the
 * prototype of an object.
 */
export function parseKeyPath(keyPath: string): string[] {
  const matches = [...keyPath.matchAll(SEGMENT)];
  const segments = matches.map(([, bare, quoted]) => bare ?? (quoted ?? '').replace(/\\(.)/gs, '$1'));
  const length = matches.reduce((sum, [text]) => sum + text.length, 0);
  if (segments.length === 0 || length !== keyPath.length) {
    throw invalid(keyPath);
  }
  if (segments.length > MAX_DEPTH) {
    throw tooDeep(keyPath);
  }
  segments.forEach(requireSafe);
  return segments;
}

/** Every path that the value sets, the key path itself first. Throws `invalid_request` as `parseKeyPath` does. */
export function pathsOf(keyPath: string, value: unknown): string[] {
  return pathsWithin(parseKeyPath(keyPath), value);
}

/** Throws `forbidden` for a key, however it is spelled, that only the operator may set. */
export function requireCallersKey(keyPath: string, value: unknown): void {
  requireNone(pathsOf(keyPath, value), ADMIN_KEYS, '');
}

/** The same for the overrides that a thread is made with. */
export function requireCallersOverrides(config: unknown): void {
  for (const [key, value] of Object.entries((config ?? {}) as Record<string, unknown>)) {
    requireNone(pathsOf(key, value), THREAD_ADMIN_KEYS, 'config.');
  }
}

/** Throws `forbidden` for overrides of a thread that say which folders are trusted, whoever may set all else. */
export function requireNoTrust(config: unknown): void {
  const paths = Object.entries((config ?? {}) as Record<string, unknown>).flatMap(([key, value]) =>
    pathsOf(key, value),
  );
  const path = paths.find((candidate) => /^projects(\.|$)/i.test(candidate));
  if (path !== undefined) {
    throw new ServiceError(
      'forbidden',
      'Which folders are trusted is said by the operator: at the start, with --trust-folder, or in config.toml.',
      { fields: [{ path: `config.${path}`, message: 'is not for a thread' }] },
    );
  }
}

/** Whether an override of this path, in lower case, is the operator's to make. */
export function isOperatorsOverride(path: string): boolean {
  return findKey(path, THREAD_ADMIN_KEYS) !== undefined;
}

function findKey(path: string, keys: readonly string[]): string | undefined {
  return keys.find((key) => path === key || path.startsWith(`${key}.`));
}

const UNUSABLE = ['features', 'use_legacy_landlock'];

/** Throws `unprocessable` for a value with which the engine can run no command at all, whoever sets it. */
export function requireUsable(keyPath: string, value: unknown, at: string): void {
  if (findValue(keyPath, value, UNUSABLE) === true) {
    const key = UNUSABLE.join('.');
    throw new ServiceError('unprocessable', `With ${key} the engine can't run any command; leave it out.`, {
      fields: [{ path: `${at}${key}`, message: "can't be used with this engine" }],
    });
  }
}

/** What is set at the wanted path by this value at that key path; `undefined`: nothing. */
function findValue(keyPath: string, value: unknown, wanted: readonly string[]): unknown {
  const given = parseKeyPath(keyPath);
  const isOnTheWay = given.length <= wanted.length && given.every((segment, index) => segment === wanted[index]);
  const inside = isOnTheWay ? wanted.slice(given.length) : [];
  return isOnTheWay
    ? inside.reduce((part, key) => (part as Record<string, unknown> | null | undefined)?.[key], value)
    : undefined;
}

/** @param at where the paths begin in the request */
function requireNone(paths: readonly string[], refused: readonly string[], at: string): void {
  for (const path of paths) {
    const key = findKey(path.toLowerCase(), refused);
    if (key !== undefined) {
      throw new ServiceError(
        'forbidden',
        `${key} is the operator's to set: it can run programs, send credentials elsewhere or lift the sandbox. ` +
          'Start the server with --allow-config-admin to let callers set it.',
        { fields: [{ path: `${at}${path}`, message: 'needs --allow-config-admin' }] },
      );
    }
  }
}

function pathsWithin(segments: readonly string[], value: unknown, depth = segments.length): string[] {
  if (depth > MAX_DEPTH) {
    throw tooDeep(segments.join('.'));
  }
  if (Array.isArray(value)) {
    return [segments.join('.'), ...value.flatMap((part) => pathsWithin(segments, part, depth + 1))];
  }
  if (typeof value !== 'object' || value === null) {
    return [segments.join('.')];
  }
  const inner = Object.entries(value).flatMap(([key, child]) => {
    requireSafe(key);
    return pathsWithin([...segments, key], child, depth + 1);
  });
  return [segments.join('.'), ...inner];
}

function requireSafe(segment: string): void {
  if (UNSAFE_SEGMENTS.has(segment)) {
    throw invalid(segment);
  }
}

function tooDeep(keyPath: string): ServiceError {
  const message = `${JSON.stringify(shorten(keyPath, MAX_SHOWN_CHARS))} is nested more than ${String(MAX_DEPTH)} levels deep.`;
  return new ServiceError('invalid_request', message, {
    fields: [
      { path: 'key_path', message: `must have at most ${String(MAX_DEPTH)} parts, those of its value included` },
    ],
  });
}

function invalid(keyPath: string): ServiceError {
  return new ServiceError(
    'invalid_request',
    `${JSON.stringify(shorten(keyPath, MAX_SHOWN_CHARS))} is no key path of a configuration.`,
    {
      fields: [{ path: 'key_path', message: 'must be dotted keys, as in config.toml' }],
    },
  );
}
