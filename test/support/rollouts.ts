import { mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Scratch } from './server-process.js';

/** The engine's file of a thread. */
export function rolloutOf({ codexHome }: Scratch, threadId: string): string {
  const sessions = join(codexHome, 'sessions');
  const name = readdirSync(sessions, { recursive: true, encoding: 'utf8' }).find(
    (path) => path.includes(threadId) && path.endsWith('.jsonl'),
  );
  if (name === undefined) {
    throw new Error(`There is no rollout of ${threadId}.`);
  }
  return join(sessions, name);
}

/** What can have become of a rollout by which nothing of it can be read. */
export const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  'is a folder': (path) => {
    rmSync(path);
    mkdirSync(path);
    writeFileSync(join(path, 'notes.txt'), 'Not of the engine.');
  },
  'is cut in its first line': (path) => {
    truncateSync(path, 200);
  },
  'is emptied': (path) => {
    truncateSync(path);
  },
  'is missing': (path) => {
    rmSync(path);
  },
  'is garbage': (path) => {
    writeFileSync(path, Buffer.alloc(4000, 0xfe));
  },
};

/** Cuts it within its second half: by more than the engine writes when it loads the thread. */
export function cutShort(path: string): void {
  truncateSync(path, statSync(path).size - 20_000);
}
