import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { ServiceError } from '../../core/errors.js';

/**
 * The folders that callers may work in. A path counts as where it really leads: symbolic links are followed before it
 * is compared.
 */
export class WorkspaceRoots {
  constructor(private readonly roots: readonly string[]) {}

  /** Where a thread works when its caller names no folder. */
  get defaultPath(): string {
    const [first] = this.roots;
    return first ?? process.cwd();
  }

  /**
   * The real path. Throws `forbidden` for one that lies outside every root (whether or not it exists), and
   * `invalid_request` for one inside that does not exist.
   */
  async requireInside(path: string, field: string): Promise<string> {
    if (!isAbsolute(path)) {
      throw invalid(field, 'must be an absolute path');
    }
    const roots = await Promise.all(this.roots.map(async (root) => realpath(root)));
    const real = await realpath(path).catch(() => undefined);
    if (real !== undefined && roots.some((root) => contains(root, real))) {
      return real;
    }
    const isNamedInside = [...this.roots, ...roots].some((root) => contains(root, resolve(path)));
    if (real === undefined && isNamedInside) {
      throw invalid(field, 'does not exist');
    }
    throw new ServiceError('forbidden', `${field} lies outside the workspace roots of this server.`, {
      fields: [{ path: field, message: 'must lie under a workspace root' }],
    });
  }
}

function contains(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
}

function invalid(field: string, message: string): ServiceError {
  return new ServiceError('invalid_request', `${field} ${message}.`, { fields: [{ path: field, message }] });
}
