import { steadyNowMs } from '../../core/steady-clock.js';

/** The time, so that whoever waits for it can be tried without waiting. */
export abstract class Clock {
  /** Unix time in milliseconds. */
  abstract nowMs(): number;
}

/** Deadlines hold also when the system's clock is set. */
export class SystemClock extends Clock {
  override nowMs(): number {
    return steadyNowMs();
  }
}
