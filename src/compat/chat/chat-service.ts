import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { type ErrorCode, ServiceError } from '../../core/errors.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { type Thread } from '../../core/threads/thread.js';
import { toDynamicTools } from '../../core/turns/caller-tools.js';
import { Answers, type ChatAnswer } from './answers.js';
import { ChatTurns } from './chat-turns.js';
import { type ConversationMessage } from './conversation.js';
import { type ChatMode, type ChatPlan } from './plan.js';
import { type WarmThread, WarmThreads } from './warm-threads.js';

/** A warm thread refuses with these when it has moved on just now, or is no longer one for this caller. */
const MOVED_ON: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'already_answered',
  'approval_expired',
  'approval_not_found',
  'conflict',
  'forbidden',
  'thread_not_found',
  'turn_in_progress',
  'turn_not_active',
  'turn_not_found',
]);

/** Finds or makes the thread for a conversation, and has it answer. */
@Injectable()
export class ChatService {
  readonly #manager: ThreadManager;
  readonly #turns: ChatTurns;
  readonly #warm: WarmThreads;
  readonly #answers: Answers;

  constructor(manager: ThreadManager, turns: ChatTurns, warm: WarmThreads, answers: Answers) {
    this.#manager = manager;
    this.#turns = turns;
    this.#warm = warm;
    this.#answers = answers;
  }

  /** In the thread that stands where the conversation does; else in a new one, which is given the whole conversation. */
  async answer(plan: ChatPlan): Promise<ChatAnswer> {
    const warm = await this.#warm.find(plan);
    return (warm && (await this.#goOn(warm, plan))) ?? this.#begin(plan);
  }

  /**
   * In this thread, whatever stands in it: only what follows the last answer is new to it. Throws `thread_not_found`,
   * `turn_in_progress`, or `invalid_request` for tools or a mode that are not the thread's.
   */
  async answerIn(threadId: string, plan: ChatPlan, askedMode: ChatMode | null): Promise<ChatAnswer> {
    const thread = await this.#manager.require(threadId);
    const mode = thread.record.options.mode === 'model' ? 'model' : 'agent';
    requireSame(thread, plan, askedMode ?? mode, mode);
    const { messages } = plan.conversation;
    const since = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1);
    if (since.length === 0) {
      throw invalid('messages', 'must end with something new to the thread');
    }
    const { activeTurn: active } = thread;
    const isOutput = since[0]?.role === 'tool';
    if (isOutput && !active) {
      throw invalid('messages', 'ends with outputs of tools, but the thread waits for none');
    }
    const turn =
      isOutput && active
        ? await this.#turns.goOn(thread, active.turnId, since, plan)
        : await this.#turns.start(thread, since, plan);
    return this.#answers.of(turn, { ...plan, mode });
  }

  /** `undefined` when the thread turns out to have moved on. */
  async #goOn(warm: WarmThread, plan: ChatPlan): Promise<ChatAnswer | undefined> {
    const { thread, point, since } = warm;
    try {
      if (point.calls.length === 0) {
        return this.#answers.of(await this.#turns.start(thread, since, plan), plan);
      }
      const turn = await this.#turns.goOn(thread, point.turnId, since, plan);
      return point.held.length > 0 ? this.#answers.ofHeld(turn, plan, point.held) : this.#answers.of(turn, plan);
    } catch (error) {
      if (error instanceof ServiceError && MOVED_ON.has(error.code)) {
        return undefined;
      }
      throw error;
    }
  }

  async #begin(plan: ChatPlan): Promise<ChatAnswer> {
    await this.#warm.release(plan);
    const thread = await this.#manager.create(plan.threadOptions, plan.authority, { metadata: plan.metadata });
    return this.#answers.of(await this.#turns.start(thread, toWhole(plan), plan), plan);
  }
}

function toWhole({ conversation }: ChatPlan): readonly ConversationMessage[] {
  return conversation.messages;
}

function requireSame({ record }: Thread, { functions }: ChatPlan, askedMode: ChatMode, mode: ChatMode): void {
  if (askedMode !== mode) {
    throw invalid('X-Codex-Mode', `must be ${mode}, as the thread is`);
  }
  const tools = record.options.dynamic_tools ?? [];
  if (functions.length > 0 && !isDeepStrictEqual(toDynamicTools(functions), tools)) {
    throw invalid('tools', 'must be those that the thread was made with: a thread keeps its tools');
  }
}

function invalid(path: string, message: string): ServiceError {
  return new ServiceError('invalid_request', `The request is not valid: ${path}: ${message}.`, {
    fields: [{ path, message }],
  });
}
