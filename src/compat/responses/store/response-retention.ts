import { type MaintenanceJob } from '../../../core/maintenance.js';
import { type ConversationStore } from '../conversations/conversation-store.js';
import { type ResponseRecord } from './response-record.js';
import { type ResponseStore } from './response-store.js';

/** A record may hold many megabytes of images, so that few are read at a time. */
const AT_ONCE = 20;

export interface ResponseRetentionOptions {
  retentionMs: number;
  nowMs: () => number;
}

/** Forgets responses and conversations that are older than they are kept for. */
export class ResponseRetention {
  readonly job: MaintenanceJob = {
    name: 'responses and conversations that are no longer kept',
    run: async (signal) => {
      const deletedConversations = await this.#sweepConversations(signal);
      const deletedResponses = await this.#sweepResponses(signal);
      return deletedConversations + deletedResponses > 0 ? { deletedResponses, deletedConversations } : undefined;
    },
  };

  constructor(
    private readonly stores: { responses: ResponseStore; conversations: ConversationStore },
    private readonly options: ResponseRetentionOptions,
  ) {}

  async #sweepConversations(signal: AbortSignal): Promise<number> {
    const { conversations } = this.stores;
    let count = 0;
    for (;;) {
      const due = signal.aborted ? [] : conversations.unusedSince(this.#keptSince(), AT_ONCE);
      if (due.length === 0) {
        return count;
      }
      await conversations.delete(...due.map(({ conversationId }) => conversationId));
      count += due.length;
    }
  }

  async #sweepResponses(signal: AbortSignal): Promise<number> {
    const { responses } = this.stores;
    let count = 0;
    for (;;) {
      const due = signal.aborted ? [] : responses.overBefore(this.#keptSince(), AT_ONCE);
      if (due.length === 0) {
        return count;
      }
      const [needed, useless] = partition(due, (record) => this.#isNeeded(record));
      const keptAt = new Date(this.options.nowMs()).toISOString();
      await Promise.all([
        ...useless.map((one) => responses.delete(one)),
        ...needed.map((one) => responses.keep(one, keptAt)),
      ]);
      count += useless.length;
    }
  }

  /** What was said in a conversation is kept as long as that is. */
  #isNeeded({ conversationId, callerId }: ResponseRecord): boolean {
    return conversationId !== null && this.stores.conversations.find(conversationId, callerId) !== undefined;
  }

  #keptSince(): string {
    const { nowMs, retentionMs } = this.options;
    return new Date(nowMs() - retentionMs).toISOString();
  }
}

function partition<T>(values: readonly T[], isFirst: (value: T) => boolean): [T[], T[]] {
  const first = values.filter(isFirst);
  return [first, values.filter((value) => !first.includes(value))];
}
