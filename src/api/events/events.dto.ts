import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';

export class EventStreamQueryDto {
  /** Replays everything after this number, as `Last-Event-ID` does, which wins where both are given. */
  @ApiPropertyOptional({ type: 'integer', minimum: 0 })
  @IsOptional()
  @IsString()
  @Matches(/^\d{1,15}$/, { message: 'after must be a whole number' })
  after?: string;

  /** `false` leaves the `event:` lines out, so that a plain `EventSource.onmessage` sees everything. */
  @IsOptional()
  @IsIn(['true', 'false'])
  named?: 'true' | 'false';

  /** For an `EventSource`, which can't send a token: a ticket from `POST /api/v2/stream-tickets`. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  ticket?: string;

  /** Names of events, separated by commas: only these are sent. */
  @IsOptional()
  @IsString()
  @MaxLength(4000)
  types?: string;
}
