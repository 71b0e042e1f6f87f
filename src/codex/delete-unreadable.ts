import { type Dirent } from 'node:fs';
import { readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine } from '../core/engine/engine.js';
import { ServiceError } from '../core/errors.js';
import { UNREADABLE } from '../core/threads/unreadable.js';

const FOLDERS = ['sessions', 'archived_sessions'];
const PAGE = 100;
/** The engine takes no such name for a rollout. */
const ASIDE = '.set-aside';

/** Whether the engine deletes a thread only when what is left of its rollout is out of the way. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof ServiceError && (error.code === 'thread_unreadable' || error.code === 'gone');
}

/**
 * Takes what stands in the place of a thread's rollout out of the engine's way: a file is deleted; a folder, which is not
 * the engine's, is renamed. Throws `conflict` where a fork refers to it, `thread_unreadable` where the host refuses.
 */
export async function clearRollout(
  engine: Pick<Engine, 'listThreads'>,
  codexHome: string,
  threadId: string,
): Promise<void> {
  if (await isForked(engine, threadId)) {
    throw new ServiceError('conflict', 'Another thread still refers to the history of this one.');
  }
  try {
    for (const entry of await findRollouts(codexHome, threadId)) {
      const path = join(entry.parentPath, entry.name);
      await (entry.isDirectory() ? rename(path, `${path}${ASIDE}`) : unlink(path));
    }
  } catch (error) {
    throw new ServiceError('thread_unreadable', UNREADABLE, { cause: error });
  }
}

async function isForked(engine: Pick<Engine, 'listThreads'>, threadId: string): Promise<boolean> {
  for (const archived of [false, true]) {
    let cursor: string | null | undefined;
    do {
      const page = await engine.listThreads({ archived, limit: PAGE, ...(cursor ? { cursor } : {}) });
      if (page.data.some(({ forkedFromEngineId }) => forkedFromEngineId === threadId)) {
        return true;
      }
      cursor = page.nextCursor;
    } while (cursor);
  }
  return false;
}

/** `rollout-TIME-THREAD.jsonl`, and one more with `_REVISION` after each rollback. */
async function findRollouts(codexHome: string, threadId: string): Promise<Dirent[]> {
  const isOfThread = ({ name }: Dirent): boolean =>
    name.startsWith('rollout-') && name.includes(`-${threadId}`) && !name.endsWith(ASIDE);
  const listings = await Promise.all(
    FOLDERS.map((folder) => readdir(join(codexHome, folder), { recursive: true, withFileTypes: true }).catch(noFolder)),
  );
  return listings.flat().filter(isOfThread);
}

function noFolder(error: unknown): Dirent[] {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
    return [];
  }
  throw error;
}
