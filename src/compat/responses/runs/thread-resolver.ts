import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../../core/errors.js';
import { type Authority } from '../../../core/permissions/authority.js';
import { type EventRecorder } from '../../../core/events/event-recorder.js';
import { type ThreadLifecycle } from '../../../core/threads/thread-lifecycle.js';
import { type ThreadManager } from '../../../core/threads/thread-manager.js';
import { type Thread } from '../../../core/threads/thread.js';
import { type HistoryItem, toToolContent } from '../../../core/turns/history-items.js';
import { type ToolCalls } from '../../../core/turns/tool-calls.js';
import { type TurnIndex } from '../../../core/turns/turn-index.js';
import { pendingCalls, type ResponseRecord } from '../store/response-record.js';
import { toDirection, toTurnStart } from '../to-core/history.js';
import { toInstructions, toThreadOptions } from '../to-core/thread-spec.js';
import {
  type RunTarget,
  type Plan,
  type ThreadFacts,
  toContinuation,
  type Continuation,
  withInstructions,
} from './continuation.js';

const LABELS = { dialect: 'responses' };

/** After these the conversation is gone on with in a new thread; every other failure is the caller's to know. */
const REBUILD_AFTER: ReadonlySet<string> = new Set([
  'thread_not_found',
  'turn_not_found',
  'turn_not_active',
  'turn_in_progress',
  'conflict',
  'approval_not_found',
  'approval_expired',
  'already_answered',
  'gone',
]);

export interface ThreadResolverPorts {
  manager: ThreadManager;
  lifecycle: ThreadLifecycle;
  recorder: EventRecorder;
  turns: TurnIndex;
  toolCalls: ToolCalls;
}

/** Finds or makes the thread in which a response is made. */
export class ThreadResolver {
  constructor(private readonly ports: ThreadResolverPorts) {}

  /**
   * `context` gives the whole conversation before the plan's own items, for a thread that has to be made anew. `isWarmOnly`:
   * the plan's parent was only recognised, so that nothing but its own thread as it is would do.
   */
  async find(
    plan: Plan,
    context: () => Promise<readonly HistoryItem[]>,
    isWarmOnly = false,
  ): Promise<RunTarget | undefined> {
    const { parent } = plan;
    const way = parent ? await this.#way({ ...plan, parent }) : 'rebuild';
    if (isWarmOnly && way !== 'answer' && way !== 'append') {
      return undefined;
    }
    const place = parent && way !== 'rebuild' ? await this.#tryToGoOn(way, { ...plan, parent }, isWarmOnly) : undefined;
    return isWarmOnly || place ? place : this.#rebuild(plan, await context());
  }

  /** `undefined` when the thread turns out not to be what it was. */
  async #tryToGoOn(
    way: Exclude<Continuation, 'rebuild'>,
    plan: Plan & { parent: ResponseRecord },
    isWarmOnly: boolean,
  ): Promise<RunTarget | undefined> {
    try {
      return await this.#goOn(way, plan);
    } catch (error) {
      const { code } = ServiceError.from(error);
      if (REBUILD_AFTER.has(code) || (isWarmOnly && code === 'forbidden')) {
        return undefined;
      }
      throw error;
    }
  }

  async #way(plan: Plan & { parent: ResponseRecord }): Promise<Continuation> {
    const { threadId } = plan.parent;
    const isKnown = threadId !== null && this.ports.manager.findRecord(threadId) !== undefined;
    return isKnown ? toContinuation(plan, await this.#facts(plan.parent, threadId)) : 'rebuild';
  }

  async #facts(parent: ResponseRecord, threadId: string): Promise<ThreadFacts> {
    const thread = await this.ports.manager.require(threadId);
    if (parent.end?.type === 'told' && thread.activeTurn?.turnId === parent.turnId) {
      // It was cut short, and its turn is being interrupted.
      await thread.whenIdle();
    }
    const last = this.ports.turns.listTurns(threadId, { sortDirection: 'desc', limit: 1 }).data[0];
    const isIdle = thread.activeTurn === undefined && thread.queuedTurns.length === 0;
    const isWaiting = pendingCalls(parent).every(({ callId }) => this.ports.toolCalls.canAnswer(threadId, callId));
    return {
      isTail: isIdle && last?.turnId === parent.turnId,
      isParked: thread.activeTurn?.turnId === parent.turnId && isWaiting,
    };
  }

  async #goOn(way: Exclude<Continuation, 'rebuild'>, plan: Plan & { parent: ResponseRecord }): Promise<RunTarget> {
    const { lifecycle } = this.ports;
    const { threadId, turnId } = plan.parent;
    if (threadId === null || turnId === null) {
      throw new ServiceError('thread_not_found', 'The response before has no thread.');
    }
    switch (way) {
      case 'answer':
        return this.#answer(await this.#usable(threadId, plan), plan);
      case 'append':
        return this.#append(await this.#usable(threadId, plan), plan, withInstructions(plan));
      case 'fork': {
        const fork = await lifecycle.fork(threadId, { turnId, options: toInstructions(plan.spec) }, toUse(plan));
        return this.#append(await lifecycle.update(fork.threadId, { metadata: LABELS }), plan, withInstructions(plan));
      }
    }
  }

  async #usable(threadId: string, plan: Plan): Promise<Thread> {
    const thread = await this.ports.manager.require(threadId);
    thread.requireWithin(toUse(plan));
    return thread;
  }

  async #answer(thread: Thread, plan: Plan & { parent: ResponseRecord }): Promise<RunTarget> {
    const { parent, history } = plan;
    const turnId = parent.turnId ?? '';
    const said = history.filter((item) => item.type === 'message');
    if (said.length > 0) {
      await thread.steer(
        turnId,
        said.flatMap((item) => toTurnStart([item]).input),
        toUse(plan),
      );
    }
    for (const item of history) {
      if (item.type === 'function_call_output') {
        const result = { content: toToolContent(item.output) };
        await this.ports.toolCalls.answer(thread.threadId, item.call_id, result, toUse(plan));
      }
    }
    return {
      threadId: thread.threadId,
      turnId,
      afterSeq: parent.end?.seq ?? 0,
      heldCalls: parent.heldCalls,
      begin: () => Promise.resolve(),
    };
  }

  async #rebuild(plan: Plan, context: readonly HistoryItem[]): Promise<RunTarget> {
    const model = plan.turnOptions.model;
    const options = toThreadOptions(plan.spec, typeof model === 'string' ? model : null);
    const thread = await this.ports.manager.create(options, plan.authority, { metadata: LABELS });
    return this.#append(thread, plan, [...context, ...plan.history]);
  }

  #append(thread: Thread, plan: Plan, items: readonly HistoryItem[]): Promise<RunTarget> {
    const { turnOptions: options, directions } = plan;
    const turnId = randomUUID();
    const { input, injected: said } = toTurnStart(items);
    const request = { turnId, input, options, history: [...said, ...directions.map(toDirection)] };
    return Promise.resolve({
      threadId: thread.threadId,
      turnId,
      afterSeq: this.ports.recorder.committedSeq(thread.threadId),
      heldCalls: [],
      begin: async () => {
        await thread.submit({ ...request, authority: toUse(plan) }, 'reject');
      },
    });
  }
}

/** What a request chooses is chosen when its thread is made; a turn adds nothing to it. */
const toUse = ({ authority: { ceiling } }: Plan): Authority => ({ ceiling });
