import { Inject, Injectable } from '@nestjs/common';
import { ThreadHistory } from '../../core/threads/thread-history.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { type Thread } from '../../core/threads/thread.js';
import { ToolCalls } from '../../core/turns/tool-calls.js';
import { type ChatPoint, ChatPoints, toTurnKey } from './chat-points.js';
import { type ConversationMessage } from './conversation.js';
import { type ChatPlan } from './plan.js';
import { TakenCalls } from './taken-calls.js';

/** A thread in which a conversation can go on. */
export interface WarmThread {
  thread: Thread;
  point: ChatPoint;
  /** What was said since. */
  since: readonly ConversationMessage[];
}

/** Finds the threads behind conversations. */
@Injectable()
export class WarmThreads {
  readonly #points: ChatPoints;
  readonly #manager: ThreadManager;
  readonly #history: ThreadHistory;
  readonly #calls: ToolCalls;

  @Inject(TakenCalls)
  private readonly taken!: TakenCalls;

  constructor(points: ChatPoints, manager: ThreadManager, history: ThreadHistory, calls: ToolCalls) {
    this.#points = points;
    this.#manager = manager;
    this.#history = history;
    this.#calls = calls;
  }

  /** The thread that stands just where the conversation does; `undefined` when there is none, or it has moved on. */
  async find(plan: ChatPlan): Promise<WarmThread | undefined> {
    const found = this.#points.find(plan);
    const thread = found && this.#manager.find(found.point.threadId);
    if (!thread || thread.record.archived) {
      return undefined;
    }
    const { point, since } = found;
    const fits =
      point.calls.length > 0
        ? this.#isWaiting(thread, point) && canGoOn(plan, point, since)
        : await this.#isAt(thread, point);
    return fits ? { thread, point, since } : undefined;
  }

  /**
   * Ends the turns that still wait for outputs which now go to another thread: nobody would answer them. Not those whose
   * outputs another request has brought.
   */
  async release({ conversation: { messages } }: ChatPlan): Promise<void> {
    const lastAnswer = messages.findLastIndex(({ role }) => role === 'assistant');
    const outputs = messages.slice(lastAnswer + 1).flatMap(({ items }) => items);
    for (const item of outputs) {
      const isOpen = item.type === 'function_call_output' && !this.taken.has(item.call_id);
      const parked = isOpen ? this.#calls.find(item.call_id) : undefined;
      const thread = parked && this.#manager.find(parked.threadId);
      if (parked?.turnId && thread?.record.metadata.dialect === 'chat') {
        await endTurn(thread, parked.turnId);
      }
    }
  }

  /** Also for calls of which the engine has not asked yet: a client may be told of them, and answer, before that. */
  #isWaiting({ threadId, activeTurn }: Thread, { turnId, calls }: ChatPoint): boolean {
    return activeTurn?.turnId === turnId && calls.every((callId) => this.#calls.canAnswer(threadId, callId));
  }

  async #isAt(thread: Thread, { threadId, turnId }: ChatPoint): Promise<boolean> {
    if (!thread.isQuiet) {
      return false;
    }
    const { data } = await this.#history.listTurns(threadId, { sortDirection: 'desc', limit: 1 });
    return data[0]?.turn.turnId === turnId;
  }
}

/** A turn that can't be interrupted any more is over, which is all that is wanted. */
export async function endTurn(thread: Thread, turnId: string): Promise<void> {
  await thread.interrupt(turnId).catch(() => undefined);
}

/** A running turn takes outputs and what a user says, and nothing else; it goes on as it was begun. */
function canGoOn(plan: ChatPlan, point: ChatPoint, since: readonly ConversationMessage[]): boolean {
  const outputs = since.slice(0, point.calls.length);
  const others = since.slice(point.calls.length);
  return (
    outputs.every(({ role }) => role === 'tool') &&
    others.every(({ role }) => role === 'user') &&
    (others.length === 0 || point.held.length === 0) &&
    !plan.mustCall &&
    toTurnKey(plan) === point.turnKey
  );
}
