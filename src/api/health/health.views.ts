import { type ReadinessReport } from '../../http/health/readiness.js';
import { type View } from '../../http/view.js';

/** What simple monitors look for. */
export class HealthDto {
  /** `ok`, or what `--health-status` says. */
  status!: string;
}

/** The answer that clients of the first version of this service expect. */
export class ServiceHealthDto {
  status!: string;
  service!: string;
}

/** The process runs and answers. */
export class LivenessDto {
  ok!: boolean;
  /** For how many seconds the process has run. */
  uptime_seconds!: number;
}

/** One part that has to be ready for work. */
export class ReadinessCheckDto {
  name!: string;
  ready!: boolean;
  /** Why it is not. */
  reason?: string;
}

/** Whether work can be sent here. */
export class ReadinessDto {
  ready!: boolean;
  checks!: ReadinessCheckDto[];
}

export function toLiveness(uptimeSeconds: number): View<LivenessDto> {
  return { ok: true, uptime_seconds: Math.floor(uptimeSeconds) };
}

export function toReadiness({ isReady, checks }: ReadinessReport): View<ReadinessDto> {
  return { ready: isReady, checks: [...checks] };
}
