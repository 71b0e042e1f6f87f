import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import {
  APPROVAL_KINDS,
  type ApprovalKind,
  type ApprovalStatus,
  type Decision,
  DECISIONS,
} from '../../core/approvals/approval.js';
import { THREAD_STATUSES, type ThreadStatus } from '../../core/threads/thread-status.js';
import { type TurnStatus, TURN_STATUSES } from '../../core/turns/turn-record.js';
import { ApprovalDto } from '../resources/approval.views.js';
import { engine, nullable } from '../resources/engine-schema.js';
import { ThreadDto } from '../resources/thread.views.js';
import { TurnDto } from '../resources/turn.views.js';

@ApiSchema({ description: 'What every event of the log has beside its name, its ids and its own payload.' })
export class EventEnvelopeDto {
  /** Its number in its thread; on the stream of all threads the frame's `id:` is the server's own number instead. */
  @ApiProperty({ type: 'integer', minimum: 1 })
  seq!: number;

  @ApiProperty({ format: 'date-time' })
  emitted_at!: string;
}

@ApiSchema({ description: 'A turn as an event of this service tells of it.' })
export class TurnMarkDto {
  id!: string;

  @ApiProperty({ enum: TURN_STATUSES })
  status!: TurnStatus;
}

@ApiSchema({ description: 'The payload of `turn/queued`: a turn waits for the one that runs.' })
export class TurnQueuedDto {
  turn!: TurnMarkDto;

  /** 1: it is the next one to run. */
  @ApiProperty({ type: 'integer', minimum: 1 })
  queue_position!: number;
}

@ApiSchema({ description: 'The payload of `turn/cancelled`: a queued turn will never run.' })
export class TurnCancelledDto {
  turn!: TurnMarkDto;
}

@ApiSchema({
  description:
    'The payload of `item/abandoned`: the stream of the model broke, and it is asked again. What was told of this item is ' +
    'void, and it is none of the thread; what the model says instead comes as items of their own.',
})
export class ItemAbandonedDto {
  item_id!: string;

  /** As `type` of the item was. */
  @ApiProperty({ example: 'agent_message' })
  item_type!: string;
}

@ApiSchema({ description: 'What `thread/status/changed` tells beside what the engine says of it.' })
export class ThreadStatusChangedDto {
  @ApiPropertyOptional({
    enum: THREAD_STATUSES,
    description: 'As `status` of the thread itself. Events of earlier versions lack it.',
  })
  thread_status?: ThreadStatus;
}

@ApiSchema({ description: 'What `turn/completed` tells beside what the engine says of the end of a turn.' })
export class TurnCompletedDto {
  @ApiPropertyOptional({
    ...nullable(engine('TokenUsageBreakdown')),
    description:
      "This turn's own, over all its model calls; `null` when the model was not asked. Events of earlier versions lack it.",
  })
  token_usage?: unknown;
}

@ApiSchema({ description: "What every question of the engine's has beside what the engine says of it." })
export class ApprovalRequestedDto {
  /** Under which it is answered. */
  approval_id!: string;

  /** The item that it is about. */
  item_id!: string | null;

  @ApiProperty({ enum: APPROVAL_KINDS })
  kind!: ApprovalKind;

  @ApiProperty({ enum: DECISIONS, isArray: true })
  available_decisions!: Decision[];

  /** When it counts as declined if nobody has answered. */
  @ApiProperty({ format: 'date-time' })
  expires_at!: string;
}

@ApiSchema({ description: 'The payload of `approval/resolved`: an approval was answered, or became needless.' })
export class ApprovalResolvedDto {
  approval_id!: string;
  item_id!: string | null;

  @ApiProperty({ enum: APPROVAL_KINDS })
  kind!: ApprovalKind;

  @ApiProperty({ enum: ['answered', 'expired', 'cancelled'] })
  status!: ApprovalStatus;

  @ApiProperty({ enum: [...DECISIONS, null], nullable: true })
  decision!: Decision | null;
}

@ApiSchema({ description: 'The payload of `approval/expired`: nobody answered in time, or the engine ended.' })
export class ApprovalExpiredDto {
  approval_id!: string;
  item_id!: string | null;

  @ApiProperty({ enum: APPROVAL_KINDS })
  kind!: ApprovalKind;

  @ApiProperty({ format: 'date-time' })
  expires_at!: string;
}

@ApiSchema({ description: 'The payload of `engine/restarted`: the engine began anew while a turn was running.' })
export class EngineRestartedDto {
  reason!: string;
}

@ApiSchema({
  description: 'The first frame of a stream, `stream/opened`: the state of things where the stream begins.',
})
export class StreamOpenedDto {
  @ApiPropertyOptional({ description: 'On the stream of a thread.' })
  thread?: ThreadDto;

  @ApiPropertyOptional({ type: TurnDto, nullable: true, description: 'On the stream of a thread: the turn that runs.' })
  active_turn?: TurnDto | null;

  pending_approvals!: ApprovalDto[];

  /** The number of the last event so far; 0 when there is none. */
  @ApiProperty({ type: 'integer', minimum: 0 })
  latest_seq!: number;
}

@ApiSchema({ description: 'The frame `stream/live`: the replay is over; what follows happens now.' })
export class StreamLiveDto {
  event!: string;
}

@ApiSchema({
  description:
    'The frame `stream/gap`: what follows `requested` is not kept, up to `earliest_seq`, with which the stream goes on. On ' +
    'the server-wide stream there may be several.',
})
export class StreamGapDto {
  /** The number after which the events are missing: that of the last event before, or the one that was asked for. */
  @ApiProperty({ type: 'integer' })
  requested!: number;

  /** The number of the next event that is kept; `latest_seq + 1` when none is. */
  @ApiProperty({ type: 'integer' })
  earliest_seq!: number;

  @ApiProperty({ type: 'integer' })
  latest_seq!: number;
}

@ApiSchema({ description: 'The last frame of a stream, `stream/lagged`: its reader was too slow.' })
export class StreamLaggedDto {
  /** The id of the last event that was sent; `null` when none was. */
  last_id!: string | null;

  /** What to do. */
  detail!: string;
}

@ApiSchema({ description: 'The last frame of a stream, `stream/closing`: the server ends it.' })
export class StreamClosingDto {
  @ApiProperty({ enum: ['shutdown', 'ticket_expired', 'token_revoked'] })
  reason!: string;
}

@ApiSchema({ description: 'The last frame of a stream, `stream/error`: it can not go on.' })
export class StreamErrorDto {
  /** As in `ProblemDto`. */
  code!: string;
  message!: string;
  request_id!: string;
}
