import {
  pathsOf,
  requireCallersKey,
  requireCallersOverrides,
  requireNoTrust,
  requireUsable,
} from '../../core/engine/config-rules.js';
import { ServiceError } from '../../core/errors.js';

/** Whether callers may set what is the operator's, which the operator says at the start. */
export class ConfigAdmin {
  constructor(private readonly isAllowed: boolean) {}

  /** Throws `invalid_request` for what is no key path, `forbidden` for the operator's. */
  requireKey(keyPath: string, value: unknown): void {
    pathsOf(keyPath, value);
    requireUsable(keyPath, value, '');
    if (!this.isAllowed) {
      requireCallersKey(keyPath, value);
    }
  }

  /** The same for the overrides that a thread is made with. */
  requireOverrides(config: unknown): void {
    for (const [key, value] of Object.entries((config ?? {}) as Record<string, unknown>)) {
      pathsOf(key, value);
      requireUsable(key, value, 'config.');
    }
    requireNoTrust(config);
    if (!this.isAllowed) {
      requireCallersOverrides(config);
    }
  }

  /** Throws `forbidden`: for what is the operator's as a whole. */
  requireAdmin(what: string): void {
    if (!this.isAllowed) {
      throw new ServiceError('forbidden', `${what} needs a server that was started with --allow-config-admin.`);
    }
  }
}
