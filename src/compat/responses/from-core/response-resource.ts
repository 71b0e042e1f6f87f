import { type Payload } from '../../../core/engine/engine.js';
import { type TokenUsage } from '../../../core/turns/turn-usage.js';
import { type Item, type ResponseStatus } from '../store/response-record.js';

export interface ResourceState {
  status: ResponseStatus;
  output: readonly Item[];
  usage: TokenUsage | undefined;
  error: { code: string; message: string } | null;
  incompleteReason: string | null;
  /** Unix seconds. */
  completedAt: number | null;
}

/** The response resource: `head` is what does not change, with all keys that the API has. */
export function toResource(head: Payload, state: ResourceState): Payload {
  const { status, output, usage, error, incompleteReason, completedAt } = state;
  return {
    ...head,
    status,
    completed_at: status === 'completed' ? completedAt : null,
    error,
    incomplete_details: incompleteReason === null ? null : { reason: incompleteReason },
    output,
    usage: usage ? toUsage(usage) : null,
  };
}

export function toUsage(usage: TokenUsage): Payload {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: { cached_tokens: usage.cachedInputTokens },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningOutputTokens },
    total_tokens: usage.totalTokens,
  };
}

export const NO_USAGE: TokenUsage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
  totalTokens: 0,
};
