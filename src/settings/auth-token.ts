import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TokenRequest } from './parse-settings.js';
import { type AuthToken } from './settings.js';
import { SettingsError } from './settings-error.js';
import { findTokenFault } from './token-rules.js';

const TOKEN_FILE = 'auth-token';

/** The token to demand. Reads or makes its file; throws `SettingsError` when that can't be done or holds no token. */
export function loadAuthToken(request: TokenRequest, dataDir: string): AuthToken {
  switch (request.from) {
    case 'env':
      return { value: request.value, source: 'env', wasGenerated: false, path: null };
    case 'file':
      return {
        value: readToken(request.path, 'CODEX_AUTH_TOKEN_FILE'),
        source: 'file',
        wasGenerated: false,
        path: request.path,
      };
    case 'data-dir':
      return loadOwnToken(dataDir);
  }
}

function loadOwnToken(dataDir: string): AuthToken {
  const path = join(dataDir, TOKEN_FILE);
  const value = createOnce(path, dataDir);
  return value === null
    ? { value: readToken(path, 'The stored token'), source: 'stored', wasGenerated: false, path }
    : { value, source: 'generated', wasGenerated: true, path };
}

/**
 * The new token, or `null` if there is one already. A link of a finished file either appears whole or fails, so two
 * servers which start at once end with the same token, and a crash leaves no half of one.
 */
function createOnce(path: string, dataDir: string): string | null {
  const value = randomBytes(32).toString('base64url');
  const draft = `${path}.${String(process.pid)}.${randomBytes(4).toString('hex')}`;
  const toFault = (error: unknown): SettingsError =>
    new SettingsError([
      `--data-dir ${dataDir} can't hold the token (${codeOf(error)}); name a folder that can be written`,
    ]);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw toFault(error);
  }
  try {
    writeFileSync(draft, `${value}\n`, { mode: 0o600, flag: 'wx' });
    linkThenRemove(draft, path);
    return value;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') {
      return null;
    }
    throw toFault(error);
  }
}

function linkThenRemove(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

function readToken(path: string, label: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
    if (label !== 'CODEX_AUTH_TOKEN_FILE') {
      chmodSync(path, 0o600);
    }
  } catch (error) {
    throw new SettingsError([`${label} ${path} can't be read (${codeOf(error)})`]);
  }
  const fault = findTokenFault(text);
  if (fault !== null) {
    throw new SettingsError([`${label} ${path} holds no usable token: it ${fault}`]);
  }
  return text;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
}
