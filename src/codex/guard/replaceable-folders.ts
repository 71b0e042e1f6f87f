import { isAbsolute, relative, sep } from 'node:path';
import { ServiceError } from '../../core/errors.js';
import { type SandboxPolicy } from '../protocol/generated/types.js';
import { isWorkspaceProfile } from './guard-profiles.js';
import { toRealPath } from './secret-paths.js';

/** Where Codex itself puts the folders that threads work in, inside its home. */
const WORKTREES = 'worktrees';

/**
 * The Codex home and the data directory. Who may write in a folder that holds one of them can put another one in its place
 * by renaming it, which no mount in the sandbox prevents: with a `config.toml` of his own, by which the engine then runs
 * programs. So no sandbox may write there, nor inside of them.
 */
export class ReplaceableFolders {
  readonly #home: string;
  readonly #data: string;

  constructor({ codexHome, dataDir }: { codexHome: string; dataDir: string }) {
    this.#home = toRealPath(codexHome);
    this.#data = toRealPath(dataDir);
  }

  /**
   * Throws `forbidden` for a policy, or the name of a profile, by which a command could write where they are. What an
   * operator's own profile says is the operator's choice.
   * @param cwd absolute; writable under such a policy
   */
  requireOutOfReach(policy: SandboxPolicy | string, cwd: unknown): void {
    const roots = toWritableRoots(policy);
    const folders = roots && typeof cwd === 'string' ? [cwd, ...roots] : (roots ?? []);
    const folder = folders.find((one) => this.#reaches(toRealPath(one)));
    if (folder !== undefined) {
      throw new ServiceError(
        'forbidden',
        `Commands that may write in ${folder} could replace the Codex home or the data directory of this server. ` +
          'Choose a folder that neither holds them nor lies in them, or read-only.',
      );
    }
  }

  #reaches(folder: string): boolean {
    const inHome = wayInto(this.#home, folder);
    return (
      [this.#home, this.#data].some((place) => wayInto(folder, place) !== undefined) ||
      wayInto(this.#data, folder) !== undefined ||
      (inHome !== undefined && !inHome.startsWith(`${WORKTREES}${sep}`))
    );
  }
}

/** What may be written beside the folder of the command; `undefined` where that may not, or where everything may. */
function toWritableRoots(policy: SandboxPolicy | string): readonly string[] | undefined {
  if (typeof policy === 'string') {
    return isWorkspaceProfile(policy) ? [] : undefined;
  }
  return policy.type === 'workspaceWrite' ? policy.writableRoots : undefined;
}

/** The way from a folder to what it is or holds. */
function wayInto(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : way;
}
