import { type TurnRecord } from '../core/turns/turn-record.js';
import { type TurnSummary } from './turn-summary.js';

/** Follows turns for a tracing system. */
export abstract class TurnTracer {
  /** Called within the request, if any, that asks for the turn. */
  abstract accepted(turn: TurnRecord): void;
  abstract ended(turn: TurnRecord, summary: TurnSummary): void;
}
