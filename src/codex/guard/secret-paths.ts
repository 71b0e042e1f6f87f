import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface SecretPlaces {
  codexHome: string;
  dataDir: string;
  /** The file that the operator keeps the main token in. */
  tokenFile: string | null;
  /** Where systemd puts the credentials of a service (`CREDENTIALS_DIRECTORY`). */
  credentialsDir: string | null;
}

/** The engine's login, the keys in its configuration, and what other threads have said and seen. */
const OF_CODEX_HOME = [
  ...['auth.json', '.credentials.json', 'config.toml', '.env'],
  ...['history.jsonl', 'sessions', 'archived_sessions', 'log'],
];
/** Digests of tokens, answers that belong to a token, everything that was ever said. Not the attachments. */
const OF_DATA_DIR = [
  ...['main-token.json', 'tokens.json', 'auth-token', 'lock.db'],
  ...['codex-web.db', 'codex-web.db-wal', 'codex-web.db-shm', 'codex-home/config.toml'],
];
const PROFILE_CONFIG = '.config.toml';

/**
 * What no command of the engine may read: files and folders, absolute, and patterns with `*`. Symbolic links are followed,
 * as the sandbox can cover what there is and not what leads to it.
 */
export function toSecretPaths({ codexHome, dataDir, tokenFile, credentialsDir }: SecretPlaces): string[] {
  const profiles = existsSync(codexHome) ? readdirSync(codexHome).filter((name) => name.endsWith(PROFILE_CONFIG)) : [];
  const paths = [
    ...[...OF_CODEX_HOME, ...profiles].map((name) => join(codexHome, name)),
    ...OF_DATA_DIR.map((name) => join(dataDir, name)),
    ...(tokenFile === null ? [] : tokenPaths(tokenFile)),
    ...(credentialsDir === null ? [] : [credentialsDir]),
  ];
  const real = paths.map((path) => toRealPath(path));
  // The databases of the engine, which have numbers in their names.
  return [...new Set([...real, join(toRealPath(codexHome), '*.sqlite*')])];
}

/** Kubernetes exchanges the files of a secret by a link beside them (`..data`): there the whole folder is secret. */
function tokenPaths(path: string): string[] {
  const folder = dirname(path);
  return existsSync(join(folder, '..data')) ? [folder] : [path];
}

/** Of what is not there yet: where it will be. */
export function toRealPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(toRealPath(parent), basename(path));
  }
}
