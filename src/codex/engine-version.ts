import { ServiceError } from '../core/errors.js';

/** Who answers `initialize`: `<client>/<version of the engine> (<system>) …`. */
interface Greeting {
  userAgent?: unknown;
}

/**
 * Throws `engine_unavailable` when the engine that answered is of another version than is expected: requests, events and
 * their fields change between versions, and what is not understood would be lost. `null` expects any.
 */
export function requireEngineVersion(greeting: unknown, expected: string | null): void {
  if (expected === null) {
    return;
  }
  const { userAgent } = Object(greeting) as Greeting;
  const [, version] = /^[^/]+\/(\S+)/.exec(typeof userAgent === 'string' ? userAgent : '') ?? [];
  if (version !== expected) {
    throw new ServiceError(
      'engine_unavailable',
      `The engine is Codex ${version ?? 'of an unknown version'}, and this server is made for ${expected}. ` +
        'Install that version ("npm ci"), name its binary with --codex-path, or allow others with --any-codex-version.',
    );
  }
}
