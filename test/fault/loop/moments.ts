/** Places in the work of a client at which a crash is most likely to find a fault. */
export const MOMENTS = [
  'thread sent',
  'turn sent',
  'turn accepted',
  'turn queued',
  'turn started',
  'turn ended',
  'model asked',
  'question seen',
  'answer sent',
  'answer accepted',
  'interrupt sent',
  'command sent',
  'upload sent',
  'upload accepted',
  'server spawned',
  'server listens',
] as const;
export type Moment = (typeof MOMENTS)[number];

/** Tells whoever waits for a moment that it has come. */
export class Moments {
  readonly #waiting = new Set<{ moment: Moment; left: number; resolve: () => void }>();

  tell(moment: Moment): void {
    for (const waiter of this.#waiting) {
      if (waiter.moment === moment) {
        waiter.left -= 1;
        if (waiter.left === 0) {
          this.#waiting.delete(waiter);
          waiter.resolve();
        }
      }
    }
  }

  /** Resolves when it comes for the `times`th time from now, or after a while without it. */
  async until(moment: Moment, times: number, timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const waiter = {
      moment,
      left: times,
      resolve: () => {
        resolve(undefined);
      },
    };
    this.#waiting.add(waiter);
    const timer = setTimeout(waiter.resolve, timeoutMs);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(waiter);
  }
}
