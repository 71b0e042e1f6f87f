import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type Json, storedJson, toJson, toJsonArray, withFields } from '../../http/json.js';
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

/** Its items are stored as JSON. */
export function toTurnJson({ turn, items }: TurnWithItems): Json<TurnDto> {
  const json = items.map((item) => storedJson<unknown>(item));
  return withFields<Omit<TurnDto, 'items'>, Pick<TurnDto, 'items'>>(toJson(toTurnHead(turn)), {
    items: toJsonArray(json),
  });
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
