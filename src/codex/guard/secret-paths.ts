import { existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BARE_HOME } from '../config/bare-home.js';

export interface SecretLocations {
  codexHome: string;
  dataDir: string;
  /** The file that the operator keeps the main token in. */
  tokenFile: string | null;
  /** Where systemd puts the credentials of a service (`CREDENTIALS_DIRECTORY`). */
  credentialsDir: string | null;
}

/** The engine's login, the keys in its configuration, and what other threads have said and seen. */
const OF_CODEX_HOME = ['auth.json', '.credentials.json', 'config.toml', '.env', 'history.jsonl'];
const FOLDERS_OF_CODEX_HOME = ['sessions', 'archived_sessions', 'log'];
/** Digests of tokens, answers that belong to a token, everything that was ever said. Not the attachments. */
const OF_DATA_DIR = [
  ...['main-token.json', 'tokens.json', 'auth-token', 'lock.db'],
  ...['codex-web.db', 'codex-web.db-wal', 'codex-web.db-shm', 'codex-home/config.toml'],
];
const FOLDERS_OF_DATA_DIR = [BARE_HOME];
const PROFILE_CONFIG = '.config.toml';
/** What the engine takes for a pattern. */
const PATTERN = /[*?[\]{}\\]/;

/** Makes the folders that are covered as a whole, which must be there (see below). */
export function makeSecretFolders(places: Pick<SecretLocations, 'codexHome' | 'dataDir'>): void {
  for (const path of toFolders(places)) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
}

/**
 * What no command of the engine may read: folders, absolute, and patterns with `*`, which are looked up as each command
 * starts. Symbolic links are followed, as the sandbox can cover what there is and not what leads to it. A file that may come
 * and go is named by a pattern: in the place of a plain path that leads nowhere, the sandbox of a command with full rights
 * leaves an empty file on the disk until the command ends, which the engine, or this server, would take for its own.
 */
export function toSecretPaths({ codexHome, dataDir, tokenFile, credentialsDir }: SecretLocations): string[] {
  const profiles = existsSync(codexHome) ? readdirSync(codexHome).filter((name) => name.endsWith(PROFILE_CONFIG)) : [];
  const files = [
    ...[...OF_CODEX_HOME, ...profiles].map((name) => join(codexHome, name)),
    ...OF_DATA_DIR.map((name) => join(dataDir, name)),
  ];
  const paths = [
    ...toFolders({ codexHome, dataDir }),
    ...(tokenFile === null ? [] : tokenPaths(tokenFile)),
    ...(credentialsDir === null ? [] : [credentialsDir]),
  ];
  const real = paths.map((path) => toRealPath(path));
  // The databases of the engine, which have numbers in their names.
  const databases = join(toRealPath(codexHome), '*.sqlite*');
  return [...new Set([...real, ...files.map((path) => toPattern(toRealPath(path))), databases])];
}

function toFolders({ codexHome, dataDir }: Pick<SecretLocations, 'codexHome' | 'dataDir'>): string[] {
  return [
    ...FOLDERS_OF_CODEX_HOME.map((name) => join(codexHome, name)),
    ...FOLDERS_OF_DATA_DIR.map((name) => join(dataDir, name)),
  ];
}

/** Of the file alone, or of those that are called like it and more. */
const toPattern = (path: string): string => (PATTERN.test(path) ? path : `${path}*`);

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
