/**
 * Unix milliseconds that only ever run: the system's time when the process started, and what has passed since on the
 * monotonic clock. For deadlines and ages, so that a clock that is set meanwhile, forward or back, makes nothing expire
 * early or stay for ever. What is shown to people has the system's time.
 */
export function steadyNowMs(): number {
  return performance.timeOrigin + performance.now();
}
