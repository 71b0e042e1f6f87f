import type { ThreadRecord } from '../../src/core/threads/thread-record.ts';
import { loadEvents, loadStorage } from './program.ts';

export interface Seed {
  /** How many threads without events are stored beside the two below. */
  threads: number;
  /** How many events the one long thread has. */
  events: number;
  cwd: string;
}

export interface Seeded {
  /** One of the threads without events, from the middle. */
  threadId: string;
  /** The thread with the events. */
  longThreadId: string;
}

const BATCH = 5_000;
const NO_ROWS = {
  events: [],
  threads: [],
  turns: [],
  items: [],
  approvals: [],
  deletedThreadIds: [],
  deletedTurns: [],
  deletedItems: [],
};

/** Fills a data directory as a server would have, through its own storage. No server may be running on it. */
export async function seed(dataDir: string, { threads, events, cwd }: Seed): Promise<Seeded> {
  const [{ EmbeddedStorage }, { toStoredEvent }] = await Promise.all([loadStorage(), loadEvents()]);
  const storage = await EmbeddedStorage.open({ dataDir });
  const longThreadId = toThreadId(threads);
  for (let first = 0; first <= threads; first += BATCH) {
    const length = Math.min(BATCH, threads + 1 - first);
    const records = Array.from({ length }, (_, index) => toThread(first + index, cwd));
    await storage.journal.write({ ...NO_ROWS, threads: records });
  }
  const at = { ms: Date.now(), iso: new Date().toISOString() };
  for (let first = 1; first <= events; first += BATCH) {
    const length = Math.min(BATCH, events + 1 - first);
    const stored = Array.from({ length }, (_, index) => {
      const seq = first + index;
      const name = 'item/agentMessage/delta' as const;
      const payload = { item_id: 'msg_0123456789abcdef0123456789abcdef', delta: `${String(seq)} ` };
      const event = { type: name, name, payload };
      const draft = { threadId: longThreadId, turnId: 'turn_1', event };
      return toStoredEvent(draft, seq, seq, at);
    });
    await storage.journal.write({ ...NO_ROWS, events: stored });
  }
  await storage.close();
  return { threadId: toThreadId(Math.floor(threads / 2)), longThreadId };
}

function toThreadId(index: number): string {
  return `01900000-0000-7000-8000-${String(index).padStart(12, '0')}`;
}

function toThread(index: number, cwd: string): ThreadRecord {
  const createdAt = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString();
  return {
    threadId: toThreadId(index),
    engineThreadId: toThreadId(index),
    name: `Thread ${String(index)}`,
    preview: 'Please find out why the build takes so long, and make it quicker.',
    model: 'scripted-model',
    modelProvider: 'scripted',
    cwd,
    approvalPolicy: 'on-request',
    sandbox: { type: 'workspace_write', network_access: false, writable_roots: [], exclude_slash_tmp: true },
    reasoningEffort: null,
    createdAt,
    updatedAt: createdAt,
    archived: false,
    ephemeral: false,
    forkedFromId: null,
    metadata: { team: 'build' },
    tokenUsage: null,
    gitInfo: null,
    options: {},
    isMaterialized: true,
    isForeign: false,
  };
}
