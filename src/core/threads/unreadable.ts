import { ServiceError } from '../errors.js';
import { type ThreadRecord } from './thread-record.js';

export const UNREADABLE =
  "The engine can't read what it has kept of this thread: its rollout file is damaged, missing or not readable. Whoever " +
  'runs the server can put it back under sessions/ in the Codex home, where the name of the file ends in the id of the ' +
  'thread; or delete the thread.';

/**
 * For a `catch`, of a thread that has a history: that the engine has no such thread, or nothing of it, means that it can't
 * be read. Throws `thread_unreadable` then, and every other error as it is. An ephemeral thread is never on a disk: it is gone.
 */
export function unreadable({
  isMaterialized,
  ephemeral = false,
}: Pick<ThreadRecord, 'isMaterialized'> & { ephemeral?: boolean }): (error: unknown) => never {
  return (error) => {
    const code = error instanceof ServiceError ? error.code : undefined;
    if (code === 'gone' || (code === 'thread_not_found' && isMaterialized && !ephemeral)) {
      throw new ServiceError('thread_unreadable', UNREADABLE, { cause: error });
    }
    throw error;
  };
}
