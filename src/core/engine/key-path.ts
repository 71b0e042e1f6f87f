import { ServiceError } from '../errors.js';
import { shorten } from '../text/clip.js';

/**
 * Parts of a key path together with the levels of its value. No key of the engine has more than six; its parser of TOML
 * gives up at 80 (0.169.0), and thousands overflow its stack.
 */
const MAX_DEPTH = 32;
const MAX_SHOWN_CHARS = 100;

const UNSAFE_SEGMENTS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** A bare segment, or one in quotes, with the dot or the end that follows. */
const SEGMENT = /(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)+)")(\.(?=.)|$)/gsy;
const BARE = /^[A-Za-z0-9_-]+$/;

/** The segments of a key path: what stands between its dots, without quotes. */
export type KeyPath = readonly string[];

/** A path that is set. */
export interface Setting {
  path: KeyPath;
  /** A table is merged into what is there, key by key; everything else takes the place of all that was below the path. */
  isTable: boolean;
}

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
    throw tooDeep(segments);
  }
  segments.forEach(requireSafe);
  return segments;
}

/** As it would be written: a segment that needs quotes has them. */
export function toKeyText(path: KeyPath): string {
  return path.map((segment) => (BARE.test(segment) ? segment : JSON.stringify(segment))).join('.');
}

/**
 * Everything that the value sets at that key path, the path itself first; tables in an array count as at the path of the
 * array. Throws `invalid_request` as `parseKeyPath` does.
 */
export function settingsOf(keyPath: string, value: unknown): Setting[] {
  return settingsWithin(parseKeyPath(keyPath), value);
}

function settingsWithin(path: KeyPath, value: unknown, depth = path.length): Setting[] {
  if (depth > MAX_DEPTH) {
    throw tooDeep(path);
  }
  if (Array.isArray(value)) {
    return [{ path, isTable: false }, ...value.flatMap((part) => settingsWithin(path, part, depth + 1))];
  }
  if (typeof value !== 'object' || value === null) {
    return [{ path, isTable: false }];
  }
  const inner = Object.entries(value).flatMap(([key, child]) => {
    requireSafe(key);
    return settingsWithin([...path, key], child, depth + 1);
  });
  return [{ path, isTable: true }, ...inner];
}

function requireSafe(segment: string): void {
  if (UNSAFE_SEGMENTS.has(segment)) {
    throw invalid(segment);
  }
}

function tooDeep(path: KeyPath): ServiceError {
  const shown = JSON.stringify(shorten(path.join('.'), MAX_SHOWN_CHARS));
  return new ServiceError('invalid_request', `${shown} is nested more than ${String(MAX_DEPTH)} levels deep.`, {
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
