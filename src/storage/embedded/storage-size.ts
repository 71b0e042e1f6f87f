import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The database as it stands in its directory. */
export const DATABASE_NAME = 'codex-web.db';

/** How large the database is, and the log of what is not in it yet (SQLite's WAL). */
export async function storageBytes(dataDir: string): Promise<{ database: number; log: number }> {
  const file = join(dataDir, DATABASE_NAME);
  return { database: await sizeOf(file), log: await sizeOf(`${file}-wal`) };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return 0;
    }
    throw error;
  }
}
