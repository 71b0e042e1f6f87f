/** The time, so that whoever waits for it can be tried without waiting. */
export abstract class Clock {
  /** Unix time in milliseconds. */
  abstract nowMs(): number;
}

export class SystemClock extends Clock {
  override nowMs(): number {
    return Date.now();
  }
}
