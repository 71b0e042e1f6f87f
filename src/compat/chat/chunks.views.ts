import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { FINISH_REASONS, type FinishReason } from './answer-parts.js';
import { ChatUsageDto, MessageToolCallDto } from './completions.views.js';

@ApiSchema({ name: 'ChatChunkToolCall', description: 'A call; each comes whole, in one chunk.' })
export class ChunkToolCallDto extends MessageToolCallDto {
  /** Its place among the calls of the answer. */
  @ApiProperty({ type: 'integer' })
  index!: number;
}

@ApiSchema({ name: 'ChatDelta', description: 'What this chunk adds to the answer.' })
export class ChatDeltaDto {
  /** In the first chunk only. */
  @ApiPropertyOptional({ enum: ['assistant'] })
  role?: 'assistant';
  @ApiPropertyOptional()
  content?: string;
  @ApiPropertyOptional()
  reasoning_content?: string;
  @ApiPropertyOptional({ type: [ChunkToolCallDto] })
  tool_calls?: ChunkToolCallDto[];
}

@ApiSchema({ name: 'ChatChunkChoice', description: 'The one answer, as far as this chunk goes.' })
export class ChatChunkChoiceDto {
  @ApiProperty({ type: 'integer' })
  index!: number;
  delta!: ChatDeltaDto;
  @ApiProperty({ type: 'null' })
  logprobs!: null;
  /** In the last chunk only. */
  @ApiProperty({ enum: FINISH_REASONS, nullable: true })
  finish_reason!: FinishReason | null;
}

@ApiSchema({ name: 'ChatCompletionChunk', description: 'A part of an answer.' })
export class ChatCompletionChunkDto {
  id!: string;
  @ApiProperty({ enum: ['chat.completion.chunk'] })
  object!: 'chat.completion.chunk';
  /** Unix seconds. */
  @ApiProperty({ type: 'integer' })
  created!: number;
  model!: string;
  /** Empty in the chunk of the usage, which comes after all others. */
  choices!: ChatChunkChoiceDto[];
  /** Always `null`: the engine knows none. */
  @ApiProperty({ type: 'null' })
  system_fingerprint!: null;
  /** With `stream_options.include_usage`: the usage in the last chunk, `null` in those before. */
  @ApiPropertyOptional({ type: ChatUsageDto, nullable: true })
  usage?: ChatUsageDto | null;
}
