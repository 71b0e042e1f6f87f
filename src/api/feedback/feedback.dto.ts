import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString, Length, MaxLength } from 'class-validator';
import { FEEDBACK_CLASSES, type FeedbackClass } from '../../core/feedback/feedback.js';

@ApiSchema({ description: 'What somebody has to say about the agent or this server.' })
export class SubmitFeedbackDto {
  @ApiProperty({ enum: FEEDBACK_CLASSES })
  @IsIn(FEEDBACK_CLASSES)
  classification!: FeedbackClass;

  /** In words. It is sent as it is. */
  @IsOptional()
  @IsString()
  @MaxLength(4000)
  reason?: string;

  /** The thread that it is about. */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  thread_id?: string;

  /**
   * Sends along what happened in the thread lately, without what was said: of its last 1,000 events the number, name, time
   * and turn, and of items, turns and approvals the id, type, status, decision, exit code and duration. Texts, commands,
   * paths, arguments, output and settings are never part of it. Without `thread_id` there is nothing to send. Default:
   * false.
   */
  @IsOptional()
  @IsBoolean()
  include_logs?: boolean;
}
