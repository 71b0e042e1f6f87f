import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type TurnWithItems } from '../../core/threads/thread-history.js';
import { TURN_STATUSES, type TurnRecord, type TurnStatus } from '../../core/turns/turn-record.js';
import { engine, nullable } from './engine-schema.js';

@ApiSchema({ description: 'One request to the agent, and what it did.' })
export class TurnDto {
  turn_id!: string;
  thread_id!: string;

  /** `queued` and `in_progress` are not final; `cancelled`: it never ran. */
  @ApiProperty({ enum: TURN_STATUSES })
  status!: TurnStatus;

  /** As it was submitted. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  input!: readonly unknown[];

  @ApiProperty({ type: 'array', items: engine('ThreadItem'), description: 'What happened in it, in order.' })
  items!: unknown[];

  @ApiProperty({ ...nullable(engine('TurnError')), description: 'Why it failed.' })
  error!: unknown;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  started_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  completed_at!: string | null;

  @ApiProperty({ type: 'integer', nullable: true })
  duration_ms!: number | null;

  @ApiProperty({
    ...nullable(engine('TokenUsageBreakdown')),
    description: "This turn's own, over all its model calls.",
  })
  token_usage!: unknown;
}

/** A `TurnDto` as JSON; items are JSON texts already. */
export function toTurnText({ turn, items }: TurnWithItems): string {
  const head = JSON.stringify(toTurnHead(turn)).slice(0, -1);
  return `${head},"items":[${items.join(',')}]}`;
}

function toTurnHead(turn: TurnRecord): Omit<TurnDto, 'items'> {
  return {
    turn_id: turn.turnId,
    thread_id: turn.threadId,
    status: turn.status,
    input: turn.input,
    error: turn.error ?? null,
    created_at: turn.createdAt,
    started_at: turn.startedAt,
    completed_at: turn.completedAt,
    duration_ms: turn.durationMs,
    token_usage: turn.tokenUsage ?? null,
  };
}
