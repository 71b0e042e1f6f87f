import { readFileSync } from 'node:fs';
import { MainTokenFile, toCallerId } from './main-token-file.js';
import { type TokenRequest } from './parse-settings.js';
import { type AuthToken } from './settings.js';
import { SettingsError } from './settings-error.js';
import { toDigest, TokenFileError } from './token-file.js';
import { findTokenFault } from './token-rules.js';

/** The token to demand. Reads or makes its file; throws `SettingsError` when that can't be done or holds no token. */
export function loadAuthToken(request: TokenRequest, dataDir: string): AuthToken {
  switch (request.from) {
    case 'env':
      return toGivenToken(request.value, 'env', null);
    case 'file':
      return toGivenToken(readToken(request.path), 'file', request.path);
    case 'data-dir':
      return loadOwnToken(dataDir);
  }
}

/** A token that somebody else keeps. */
export function toGivenToken(value: string, source: 'env' | 'file', path: string | null): AuthToken {
  const digest = toDigest(value);
  return { digest, callerId: toCallerId(digest), source, shownOnce: null, wasTakenOver: false, path };
}

function loadOwnToken(dataDir: string): AuthToken {
  const file = new MainTokenFile(dataDir);
  try {
    const wasTakenOver = file.takeOver();
    const shownOnce = file.create();
    const entry = file.find();
    if (!entry) {
      throw new TokenFileError(`${file.path} was removed at this very moment; start again`);
    }
    const { id: callerId, digest } = entry;
    const source = shownOnce === null ? 'stored' : 'generated';
    return { digest, callerId, source, shownOnce, wasTakenOver, path: file.path };
  } catch (error) {
    throw error instanceof TokenFileError ? new SettingsError([error.message]) : error;
  }
}

function readToken(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingsError([`CODEX_AUTH_TOKEN_FILE ${path} can't be read (${String(code)})`]);
  }
  const fault = findTokenFault(text);
  if (fault !== null) {
    throw new SettingsError([`CODEX_AUTH_TOKEN_FILE ${path} holds no usable token: it ${fault}`]);
  }
  return text;
}
