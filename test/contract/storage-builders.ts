import { randomUUID } from 'node:crypto';
import { type ApprovalRecord } from '../../src/core/approvals/approval.js';
import { type StoredEvent } from '../../src/core/events/event.js';
import { type JournalEntry } from '../../src/core/events/journal.js';
import { type ThreadRecord } from '../../src/core/threads/thread-record.js';
import { type ItemRecord, type TurnRecord } from '../../src/core/turns/turn-record.js';

const NOW = '2026-01-02T03:04:05.678Z';

export function entry(parts: Partial<JournalEntry> = {}): JournalEntry {
  return {
    events: [],
    threads: [],
    turns: [],
    items: [],
    approvals: [],
    deletedThreadIds: [],
    deletedTurns: [],
    deletedItems: [],
    ...parts,
  };
}

/** Numbers events as the service does: each stream and the server, from 1 and without holes. */
export class Numbering {
  #globalSeq = 0;
  readonly #seqs = new Map<string, number>();

  next(threadId: string | null, payload: Record<string, unknown> = {}): StoredEvent {
    this.#globalSeq += 1;
    const seq = threadId === null ? this.#globalSeq : (this.#seqs.get(threadId) ?? 0) + 1;
    if (threadId !== null) {
      this.#seqs.set(threadId, seq);
    }
    const data = JSON.stringify({ ...payload, seq });
    const turnId = threadId === null ? null : 'turn_1';
    return {
      threadId,
      seq,
      globalSeq: this.#globalSeq,
      turnId,
      name: 'thread/changed',
      data,
      emittedAtMs: 1_767_000_000_123,
    };
  }

  many(threadId: string | null, count: number): StoredEvent[] {
    return Array.from({ length: count }, () => this.next(threadId));
  }
}

export function thread(parts: Partial<ThreadRecord> = {}): ThreadRecord {
  const threadId = parts.threadId ?? randomUUID();
  return {
    threadId,
    engineThreadId: `engine-${threadId}`,
    name: null,
    preview: '',
    model: 'gpt-5',
    modelProvider: 'openai',
    cwd: '/srv/project',
    approvalPolicy: 'on-request',
    sandbox: { type: 'read_only' },
    reasoningEffort: null,
    createdAt: NOW,
    updatedAt: NOW,
    archived: false,
    ephemeral: false,
    forkedFromId: null,
    metadata: {},
    tokenUsage: null,
    gitInfo: null,
    options: {},
    isMaterialized: false,
    isForeign: false,
    ...parts,
  };
}

export function turn(threadId: string, position: number, parts: Partial<TurnRecord> = {}): TurnRecord {
  return {
    turnId: `turn_${position.toString()}`,
    threadId,
    engineTurnId: null,
    position,
    status: 'completed',
    isSubmitted: true,
    input: [{ type: 'text', text: 'Grüße 👋' }],
    options: {},
    error: null,
    createdAt: NOW,
    startedAt: null,
    completedAt: null,
    durationMs: null,
    tokenUsage: null,
    ...parts,
  };
}

export function item(threadId: string, turnId: string, position: number): ItemRecord {
  const itemId = `item_${position.toString()}`;
  return { threadId, turnId, itemId, position, json: `{"id":"${itemId}","type":"agent_message"}` };
}

export function approval(threadId: string, parts: Partial<ApprovalRecord> = {}): ApprovalRecord {
  return {
    approvalId: randomUUID(),
    threadId,
    turnId: 'turn_0',
    itemId: 'item_0',
    kind: 'command_execution',
    status: 'pending',
    createdAt: NOW,
    expiresAt: NOW,
    availableDecisions: ['approve', 'decline'],
    request: { command: ['ls'] },
    decision: null,
    resolvedAt: null,
    ...parts,
  };
}
