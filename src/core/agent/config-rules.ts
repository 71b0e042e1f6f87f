import { ServiceError } from '../errors.js';

/**
 * Keys of the engine's configuration by which programs are run, credentials sent elsewhere, or the sandbox and the
 * questions switched off. They are the operator's: a caller needs `--allow-config-admin` for them.
 */
const ADMIN_KEYS: readonly string[] = [
  'mcp_servers',
  'model_providers',
  'notify',
  'hooks',
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
  'js_repl_node_path',
  'zsh_path',
  'log_dir',
  'sqlite_home',
];

/** The same for the overrides of one thread, where the sandbox and the approval policy are the caller's to choose. */
const THREAD_ADMIN_KEYS: readonly string[] = [
  ...ADMIN_KEYS.filter((key) => !['sandbox_mode', 'sandbox_workspace_write', 'approval_policy'].includes(key)),
  'sandbox_workspace_write.writable_roots',
];

const UNSAFE_SEGMENTS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const SEGMENT = /^[A-Za-z0-9_-]+$/;

/**
 * The segments of a key path such as `model` or `tui."my key".x`.
 * Throws `invalid_request` for one that is none, or that would reach into the prototype of an object.
 */
export function parseKeyPath(keyPath: string): string[] {
  const segments = [...keyPath.matchAll(/"((?:[^"\\]|\\.)*)"|([^."]+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
  const isWhole = keyPath === segments.join('.') || keyPath.includes('"');
  const isPlain =
    segments.length > 0 && isWhole && segments.every((part) => keyPath.includes(`"${part}"`) || SEGMENT.test(part));
  if (!isPlain || segments.some((part) => UNSAFE_SEGMENTS.has(part))) {
    throw new ServiceError('invalid_request', `${JSON.stringify(keyPath)} is no key path of a configuration.`, {
      fields: [{ path: 'key_path', message: 'must be dotted keys, as in config.toml' }],
    });
  }
  return segments;
}

/** Throws `forbidden` for a key, however it is spelled, that only the operator may set. */
export function requireCallersKey(keyPath: string, value: unknown): void {
  requireNone(pathsOf(parseKeyPath(keyPath), value), ADMIN_KEYS, '');
}

/** The same for the overrides that a thread is made with. */
export function requireCallersOverrides(config: unknown): void {
  for (const [key, value] of Object.entries((config ?? {}) as Record<string, unknown>)) {
    requireNone(pathsOf(parseKeyPath(key), value), THREAD_ADMIN_KEYS, 'config.');
  }
}

/** @param at where the paths begin in the request */
function requireNone(paths: readonly string[], refused: readonly string[], at: string): void {
  for (const path of paths) {
    const key = refused.find((candidate) => path === candidate || path.startsWith(`${candidate}.`));
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

const MAX_DEPTH = 32;

/** Every path that the value sets: itself, and those within it. */
function pathsOf(segments: readonly string[], value: unknown, depth = 0): string[] {
  const path = segments.join('.');
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > MAX_DEPTH) {
    return [path];
  }
  const inner = Object.entries(value).flatMap(([key, child]) => pathsOf([...segments, key], child, depth + 1));
  return [path, ...inner];
}
