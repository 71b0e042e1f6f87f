import { Injectable } from '@nestjs/common';
import { LinkedFiles } from '../../core/attachments/linked-files.js';
import { EventRecorder } from '../../core/events/event-recorder.js';
import { type Thread } from '../../core/threads/thread.js';
import { type HistoryItem, toToolContent } from '../../core/turns/history-items.js';
import { ToolCalls } from '../../core/turns/tool-calls.js';
import { type ConversationMessage } from './conversation.js';
import { type ChatPlan } from './plan.js';
import { TakenCalls } from './taken-calls.js';
import { type Authority } from '../../core/permissions/authority.js';
import { inlined, toTurnInput, toUserInput } from './turn-input.js';

/** A turn, or what is left of it, as the answer to a request. */
export interface AnsweringTurn {
  thread: Thread;
  turnId: string;
  /** The number of the thread's last event that is not of the answer. */
  after: number;
}

/** Hands to the engine what a client sent. */
@Injectable()
export class ChatTurns {
  readonly #recorder: EventRecorder;
  readonly #links: LinkedFiles;
  readonly #calls: ToolCalls;
  readonly #taken: TakenCalls;

  constructor(recorder: EventRecorder, links: LinkedFiles, calls: ToolCalls, taken: TakenCalls) {
    this.#recorder = recorder;
    this.#links = links;
    this.#calls = calls;
    this.#taken = taken;
  }

  /** A turn on all these messages. Throws `turn_in_progress` unless the thread is idle. */
  async start(thread: Thread, messages: readonly ConversationMessage[], plan: ChatPlan): Promise<AnsweringTurn> {
    const { input, history } = await toTurnInput(messages, plan.directions, this.#links);
    const after = this.#recorder.committedSeq(thread.threadId);
    const { turnOptions: options } = plan;
    const { turnId } = await thread.submit({ input, options, history, authority: toUse(plan) }, 'reject');
    return { thread, turnId, after };
  }

  /**
   * Gives the turn the outputs that it waits for, and what the user said beside them. Throws `approval_expired`,
   * `already_answered` and their kin where it waits no more.
   */
  async goOn(
    thread: Thread,
    turnId: string,
    messages: readonly ConversationMessage[],
    plan: ChatPlan,
  ): Promise<AnsweringTurn> {
    const authority = toUse(plan);
    thread.requireWithin(authority);
    const items = await inlined(messages, this.#links);
    const after = this.#recorder.committedSeq(thread.threadId);
    const said = items.flatMap((item) => (item.type === 'message' ? item.content.map(toUserInput) : []));
    const outputs = items.filter(isOutput);
    const callIds = outputs.map(({ call_id: callId }) => callId);
    await this.#taken.take(callIds, async () => {
      if (said.length > 0) {
        await thread.steer(turnId, said, authority);
      }
      await Promise.all(outputs.map((item) => this.#giveOutput(thread.threadId, item, authority)));
    });
    return { thread, turnId, after };
  }

  async #giveOutput(
    threadId: string,
    { call_id: callId, output }: ToolOutputItem,
    authority: Authority,
  ): Promise<void> {
    await this.#calls.answer(threadId, callId, { content: toToolContent(output) }, authority);
  }
}

/** What a request chooses is chosen when its thread is made; a turn adds nothing to it. */
const toUse = ({ authority: { ceiling } }: ChatPlan): Authority => ({ ceiling });

type ToolOutputItem = HistoryItem & { type: 'function_call_output' };

const isOutput = (item: HistoryItem): item is ToolOutputItem => item.type === 'function_call_output';
