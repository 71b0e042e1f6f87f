import { isAbsolute, relative, resolve } from 'node:path';
import { ServiceError } from '../errors.js';
import { type RealPath, type RealPaths } from './real-paths.js';

/** What is asked of a path at the moment of its use. */
export interface UseOptions {
  /** Whether it may be a file too. */
  isFile?: boolean;
  /** Whether it may be a link that was there before this server saw it, as in a thread of another client. */
  mayBeLink?: boolean;
}

/**
 * The folders that callers may work in. A path counts as where it really leads: symbolic links are followed before it
 * is compared. It is checked twice: when it is given (`requireInside`, `requireFolder`), which makes it a path without
 * links, and again right before the engine works with it (`requireStill`), since folders can be replaced meanwhile.
 */
export class Workspace {
  constructor(
    private readonly paths: RealPaths,
    private readonly roots: readonly string[],
  ) {}

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
    return (await this.#requireGiven(path, field)).path;
  }

  /** The same for a folder; `invalid_request` for a file too. */
  async requireFolder(path: string, field: string): Promise<string> {
    const real = await this.#requireGiven(path, field);
    if (!real.isFolder) {
      throw invalid(field, 'is not a folder');
    }
    return real.path;
  }

  /**
   * The real path of what was checked when it was given. Throws `forbidden` unless that still leads where it did: it may
   * be gone, be a file in the place of a folder, or lead elsewhere by a link that was put in its way.
   */
  async requireStill(path: string, field: string, options: UseOptions = {}): Promise<string> {
    const roots = await this.#realRoots();
    const real = await this.paths.find(path);
    if (real ? !roots.some((root) => contains(root.real, real.path)) : !isNamedInside(path, roots)) {
      throw outside(field);
    }
    if (!real) {
      throw changed(field, 'is not there any more');
    }
    if (!real.isFolder && options.isFile !== true) {
      throw changed(field, 'is no longer a folder');
    }
    if (real.path !== withRealRoot(path, roots) && options.mayBeLink !== true) {
      throw changed(field, 'leads elsewhere now');
    }
    return real.path;
  }

  async #requireGiven(path: string, field: string): Promise<RealPath> {
    if (!isAbsolute(path)) {
      throw invalid(field, 'must be an absolute path');
    }
    const roots = await this.#realRoots();
    const real = await this.paths.find(path);
    if (real && roots.some((root) => contains(root.real, real.path))) {
      return real;
    }
    if (!real && isNamedInside(path, roots)) {
      throw invalid(field, 'does not exist');
    }
    throw outside(field);
  }

  /** A root that is gone stands for itself: nothing can be found in it. */
  async #realRoots(): Promise<Root[]> {
    return Promise.all(
      this.roots.map(async (named) => ({ named, real: (await this.paths.find(named))?.path ?? named })),
    );
  }
}

interface Root {
  /** As the operator wrote it. */
  named: string;
  real: string;
}

function isNamedInside(path: string, roots: readonly Root[]): boolean {
  return roots.some(({ named, real }) => [named, real].some((root) => contains(root, resolve(path))));
}

/** A link on the way to a root is the operator's own. */
function withRealRoot(path: string, roots: readonly Root[]): string {
  const root = roots.find(({ named }) => contains(named, path));
  return root ? resolve(root.real, relative(root.named, path)) : path;
}

function contains(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith('../') && !isAbsolute(way));
}

function invalid(field: string, message: string): ServiceError {
  return new ServiceError('invalid_request', `${field} ${message}.`, { fields: [{ path: field, message }] });
}

function outside(field: string): ServiceError {
  return new ServiceError('forbidden', `${field} lies outside the workspace roots of this server.`, {
    fields: [{ path: field, message: 'must lie under a workspace root' }],
  });
}

function changed(field: string, message: string): ServiceError {
  return new ServiceError(
    'forbidden',
    `${field} ${message}: nothing runs where it is not what it was when it was given. Put it back, or give another one.`,
    { fields: [{ path: field, message }] },
  );
}
