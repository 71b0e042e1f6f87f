import { randomUUID } from 'node:crypto';
import { ServiceError } from '../errors.js';
import { type ThreadDirectory } from '../threads/thread-directory.js';
import { type Page } from '../threads/thread-index.js';
import { type FeedbackDispatcher } from './feedback-dispatcher.js';
import { type FeedbackOutbox } from './feedback-outbox.js';
import { type FeedbackClass, type FeedbackRecord } from './feedback.js';

/** What somebody has to say. */
export interface FeedbackDraft {
  callerId: string;
  classification: FeedbackClass;
  reason: string | null;
  threadId: string | null;
  includeLogs: boolean;
}

export interface FeedbackServicePorts {
  outbox: FeedbackOutbox;
  dispatcher: FeedbackDispatcher;
  directory: ThreadDirectory;
}

/** Takes feedback, and tells what became of it. */
export class FeedbackService {
  constructor(private readonly ports: FeedbackServicePorts) {}

  /**
   * Durable when this resolves; it is sent in the background. With an id that feedback was already given under, that one
   * is the answer. Throws `thread_not_found`.
   */
  async submit(draft: FeedbackDraft, feedbackId: string = randomUUID()): Promise<FeedbackRecord> {
    const { outbox, dispatcher, directory } = this.ports;
    const known = outbox.find(feedbackId);
    if (known) {
      return known;
    }
    const lastSeq = draft.threadId === null ? 0 : (await directory.require(draft.threadId)).latestSeq;
    const record: FeedbackRecord = {
      feedbackId,
      ...draft,
      lastSeq,
      createdAt: new Date().toISOString(),
      status: dispatcher.canDeliver ? 'pending' : 'stored',
      attempts: 0,
      lastError: null,
      nextAttemptAtMs: null,
      deliveredAt: null,
    };
    await outbox.put(record);
    dispatcher.add(record);
    return record;
  }

  /** Newest first. */
  list(query: { limit: number; cursor?: string }): Page<FeedbackRecord> {
    return this.ports.outbox.list(query);
  }

  /** Throws `not_found`. */
  require(feedbackId: string): FeedbackRecord {
    const record = this.ports.outbox.find(feedbackId);
    if (!record) {
      throw new ServiceError('not_found', 'There is no such feedback.');
    }
    return record;
  }
}
