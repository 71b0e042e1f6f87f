import { type CallerCall } from '../../core/turns/call-collector.js';
import { type TokenUsage } from '../../core/turns/turn-usage.js';

export const FINISH_REASONS = ['stop', 'tool_calls', 'length', 'content_filter'] as const;
export type FinishReason = (typeof FINISH_REASONS)[number];

/** What an answer is made of, in its order; `end` is the last. */
export type AnswerPart =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  /** The model is asked again for what it said last: so many characters of its text, and of its thoughts, are void. */
  | { type: 'retract'; textChars: number; reasoningChars: number }
  | { type: 'calls'; calls: readonly CallerCall[] }
  | AnswerEnd;

export interface AnswerEnd {
  type: 'end';
  reason: FinishReason;
  /** `undefined` when the provider tells none. */
  usage: TokenUsage | undefined;
  /** Whether the thread's history now ends with just this answer; it does not when the answer was cut. */
  isWhole: boolean;
}
