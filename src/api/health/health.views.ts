import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type LoginState } from '../../core/engine/login-state.js';
import { type ReadinessReport } from '../../http/health/readiness.js';
import { type View } from '../../http/view.js';

@ApiSchema({ description: 'What simple monitors look for.' })
export class HealthDto {
  /** `ok`, or what `--health-status` says. */
  status!: string;
}

@ApiSchema({ description: 'The answer that clients of the first version of this service expect.' })
export class ServiceHealthDto {
  status!: string;
  service!: string;
}

@ApiSchema({ description: 'The process runs and answers.' })
export class LivenessDto {
  ok!: boolean;
  /** For how many seconds the process has run. */
  @ApiProperty({ type: 'integer' })
  uptime_seconds!: number;
}

@ApiSchema({ description: 'Whether the process answers, and whether Codex can reach its models.' })
export class ServiceStateDto extends LivenessDto {
  /** Whether Codex is logged in, or uses a provider that needs no login. */
  authenticated!: boolean;
  /** The same in words; says how to log in where that is needed. */
  message!: string;
}

@ApiSchema({ description: 'One part that has to be ready for work.' })
export class ReadinessCheckDto {
  name!: string;
  ready!: boolean;
  /** Why it is not. */
  reason?: string;
}

@ApiSchema({ description: 'Whether work can be sent here.' })
export class ReadinessDto {
  ready!: boolean;
  checks!: ReadinessCheckDto[];
}

export function toLiveness(uptimeSeconds: number): View<LivenessDto> {
  return { ok: true, uptime_seconds: Math.floor(uptimeSeconds) };
}

export function toServiceState(uptimeSeconds: number, { isUsable, message }: LoginState): View<ServiceStateDto> {
  return { ...toLiveness(uptimeSeconds), authenticated: isUsable, message };
}

export function toReadiness({ isReady, checks }: ReadinessReport): View<ReadinessDto> {
  return { ready: isReady, checks: [...checks] };
}
