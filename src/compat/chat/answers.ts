import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { map, type Observable, of } from 'rxjs';
import { EventRecorder } from '../../core/events/event-recorder.js';
import { type CallerCall } from '../../core/turns/call-collector.js';
import { TurnFeed } from '../../core/turns/turn-feed.js';
import { OpenAiFault } from '../openai/errors.js';
import { CHOICE_NOT_FOLLOWED } from '../openai/tool-choice.js';
import { type AnswerEnd, type AnswerPart } from './answer-parts.js';
import { finishing, toAnswerParts, type WholeAnswer } from './answer-stream.js';
import { ChatPoints, toPointId, toTurnKey } from './chat-points.js';
import { type AnsweringTurn } from './chat-turns.js';
import { toAnswerMessage } from './conversation.js';
import { type ChatPlan } from './plan.js';
import { endTurn } from './warm-threads.js';

/** An answer that is being made; to subscribe to it twice would make no sense. */
export interface ChatAnswer {
  /** Unlike the thread's and the turn's, of this answer alone. */
  id: string;
  threadId: string;
  /** The engine's name of the model. */
  model: string | null;
  parts: Observable<AnswerPart>;
}

/** Makes answers out of turns, and remembers where they leave a conversation. */
@Injectable()
export class Answers {
  readonly #feed: TurnFeed;
  readonly #points: ChatPoints;
  readonly #recorder: EventRecorder;

  constructor(feed: TurnFeed, points: ChatPoints, recorder: EventRecorder) {
    this.#feed = feed;
    this.#points = points;
    this.#recorder = recorder;
  }

  /** What the turn says. In model mode nothing is made that nobody reads. */
  of({ thread, turnId, after }: AnsweringTurn, plan: ChatPlan): ChatAnswer {
    const { threadId, record } = thread;
    let held: readonly CallerCall[] = [];
    const parts = toAnswerParts(this.#feed.follow({ threadId, turnId, after, pace: plan.pace }), {
      limits: plan.limits,
      isAbandonedUnread: plan.mode === 'model',
      abandon: () => void endTurn(thread, turnId),
    }).pipe(
      map((part) => {
        if (part.type !== 'calls' || plan.isParallel) {
          return part;
        }
        held = part.calls.slice(1);
        return { ...part, calls: part.calls.slice(0, 1) };
      }),
    );
    const finished = finishing(parts, async (answer, end) => {
      requireCall(plan, answer, end);
      if (end.isWhole) {
        await this.#keep(plan, { threadId, turnId }, answer, held);
      }
    });
    return { id: toId(), threadId, model: record.model, parts: finished };
  }

  /** The next of the calls that the model made together, for a client that takes one at a time. */
  ofHeld({ thread, turnId }: AnsweringTurn, plan: ChatPlan, held: readonly CallerCall[]): ChatAnswer {
    const { threadId, record } = thread;
    const parts: AnswerPart[] = [
      { type: 'calls', calls: held.slice(0, 1) },
      { type: 'end', reason: 'tool_calls', usage: undefined, isWhole: true },
    ];
    const finished = finishing(of(...parts), (answer) => this.#keep(plan, { threadId, turnId }, answer, held.slice(1)));
    return { id: toId(), threadId, model: record.model, parts: finished };
  }

  async #keep(
    plan: ChatPlan,
    at: { threadId: string; turnId: string },
    { text, calls }: WholeAnswer,
    held: readonly CallerCall[],
  ): Promise<void> {
    const messages = [...plan.conversation.messages, toAnswerMessage(text, calls)];
    await this.#points.keep({
      ...at,
      id: toPointId(plan, messages),
      createdAt: this.#recorder.now().iso,
      calls: calls.map(({ id }) => id),
      held,
      turnKey: toTurnKey(plan),
    });
  }
}

function toId(): string {
  return `chatcmpl-${randomUUID().replaceAll('-', '')}`;
}

function requireCall({ mustCall }: ChatPlan, { calls }: WholeAnswer, { reason }: AnswerEnd): void {
  if (mustCall && calls.length === 0 && reason === 'stop') {
    const { code: openAiCode, message } = CHOICE_NOT_FOLLOWED;
    throw new OpenAiFault('engine_error', message, { openAiCode, param: 'tool_choice' });
  }
}
