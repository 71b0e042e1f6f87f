import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { type TokenUsage } from '../../core/turns/turn-usage.js';
import { type View } from '../../http/view.js';
import { FINISH_REASONS, type FinishReason } from './answer-parts.js';

@ApiSchema({ name: 'ChatPromptTokensDetails', description: 'Of the tokens that were read.' })
export class PromptTokensDetailsDto {
  @ApiProperty({ type: 'integer' })
  cached_tokens!: number;
}

@ApiSchema({ name: 'ChatCompletionTokensDetails', description: 'Of the tokens that were written.' })
export class CompletionTokensDetailsDto {
  @ApiProperty({ type: 'integer' })
  reasoning_tokens!: number;
}

@ApiSchema({ name: 'ChatUsage', description: 'The tokens of the model calls behind an answer.' })
export class ChatUsageDto {
  @ApiProperty({ type: 'integer' })
  prompt_tokens!: number;
  @ApiProperty({ type: 'integer' })
  completion_tokens!: number;
  @ApiProperty({ type: 'integer' })
  total_tokens!: number;
  prompt_tokens_details!: PromptTokensDetailsDto;
  completion_tokens_details!: CompletionTokensDetailsDto;
}

@ApiSchema({ name: 'ChatCalledFunction', description: 'The function and its arguments.' })
export class CalledFunctionDto {
  name!: string;
  /** JSON, as the model wrote it. */
  arguments!: string;
}

@ApiSchema({ name: 'ChatMessageToolCall', description: 'A call of one of the caller’s functions.' })
export class MessageToolCallDto {
  id!: string;
  @ApiProperty({ enum: ['function'] })
  type!: 'function';
  function!: CalledFunctionDto;
}

@ApiSchema({ name: 'ChatAnswerMessage', description: 'The answer.' })
export class AnswerMessageDto {
  @ApiProperty({ enum: ['assistant'] })
  role!: 'assistant';
  /** `null` when the model only called functions. */
  @ApiProperty({ type: String, nullable: true })
  content!: string | null;
  /** Always `null`: the engine tells a refusal as text. */
  @ApiProperty({ type: 'null' })
  refusal!: null;
  /** What the model thought, as far as its provider tells. */
  @ApiPropertyOptional()
  reasoning_content?: string;
  @ApiPropertyOptional({ type: [MessageToolCallDto] })
  tool_calls?: MessageToolCallDto[];
}

@ApiSchema({ name: 'ChatChoice', description: 'The one answer.' })
export class ChatChoiceDto {
  @ApiProperty({ type: 'integer' })
  index!: number;
  message!: AnswerMessageDto;
  @ApiProperty({ type: 'null' })
  logprobs!: null;
  @ApiProperty({ enum: FINISH_REASONS })
  finish_reason!: FinishReason;
}

@ApiSchema({ name: 'ChatCompletion', description: 'An answer as a whole.' })
export class ChatCompletionDto {
  id!: string;
  @ApiProperty({ enum: ['chat.completion'] })
  object!: 'chat.completion';
  /** Unix seconds. */
  @ApiProperty({ type: 'integer' })
  created!: number;
  /** As asked for. */
  model!: string;
  choices!: ChatChoiceDto[];
  /** Always `null`: the engine knows none. */
  @ApiProperty({ type: 'null' })
  system_fingerprint!: null;
  /** Left out when the provider tells nothing. */
  @ApiPropertyOptional({ type: ChatUsageDto })
  usage?: ChatUsageDto;
}

export function toUsageView(usage: TokenUsage): View<ChatUsageDto> {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningOutputTokens },
  };
}
