import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Records, type RecordCollection } from '../../core/records/records.js';
import { type CallerCall } from '../../core/turns/call-collector.js';
import { type ConversationMessage } from './conversation.js';
import { type ChatPlan } from './plan.js';

const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
/** More than are made at a time. */
const MAX_FORGOTTEN = 10;

/** Where a conversation stands after an answer: what a client sends next begins with exactly what led here. */
export interface ChatPoint {
  /** Of all that led here: how the thread was made, and each message in its order. */
  id: string;
  threadId: string;
  /** The last turn; while there are `calls`, it waits for them. */
  turnId: string;
  createdAt: string;
  /** Calls that the client was told of and has not answered. */
  calls: readonly string[];
  /** Made by the model at the same time, but still to be told: the client takes one at a time. */
  held: readonly CallerCall[];
  /** What the turn was started with, beside its input. */
  turnKey: string;
}

/** Conversations by what has been said in them, also after a restart. One point a thread: the latest. */
@Injectable()
export class ChatPoints {
  readonly #points: RecordCollection<ChatPoint>;

  constructor(records: Records) {
    this.#points = records.collection<ChatPoint>('chat_points', ({ id, threadId, createdAt }) => ({
      id,
      group: threadId,
      createdAt,
    }));
  }

  /** The point that the longest beginning of the conversation leads to, and what was said since. */
  find(plan: ChatPlan): { point: ChatPoint; since: readonly ConversationMessage[] } | undefined {
    const { messages } = plan.conversation;
    const ids = toChain(plan, messages);
    for (let length = messages.length - 1; length > 0; length -= 1) {
      const id = ids[length - 1];
      const isAnswer = messages[length - 1]?.role === 'assistant';
      const point = isAnswer && id !== undefined ? this.#points.find(id) : undefined;
      if (point) {
        return { point, since: messages.slice(length) };
      }
    }
    return undefined;
  }

  /** The conversation stands here now, and nowhere else. What nobody went on with for long is forgotten by and by. */
  async keep(point: ChatPoint): Promise<void> {
    const longAgo = new Date(Date.parse(point.createdAt) - KEPT_MS).toISOString();
    const older = this.#points.ofGroup(point.threadId).filter(({ id }) => id !== point.id);
    const old = this.#points.createdBefore(longAgo, MAX_FORGOTTEN);
    await this.#points.put(point);
    if (older.length + old.length > 0) {
      await this.#points.delete([...older, ...old].map(({ id }) => id));
    }
  }
}

/** The id of the point after the last of these messages. */
export function toPointId(plan: ChatPlan, messages: readonly ConversationMessage[]): string {
  return toChain(plan, messages).at(-1) ?? '';
}

/** What the turn of this plan is started with, beside its input. */
export function toTurnKey({ turnOptions, directions }: ChatPlan): string {
  return digest('', JSON.stringify([turnOptions, directions]));
}

/** The id after each message: a hash over how the thread is made and over all messages so far. */
function toChain({ threadOptions }: ChatPlan, messages: readonly ConversationMessage[]): string[] {
  let id = digest('', JSON.stringify(threadOptions));
  return messages.map(({ canonical }) => (id = digest(id, canonical)));
}

function digest(before: string, text: string): string {
  return createHash('sha256').update(before).update('\n').update(text).digest('hex');
}
