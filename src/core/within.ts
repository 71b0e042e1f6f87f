/** Resolves when the promise has settled, or after so many milliseconds; a rejection counts as settled. */
export async function within(timeoutMs: number, promise: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    resolve(undefined);
  }, timeoutMs);
  await Promise.race([Promise.allSettled([promise]), late]);
  clearTimeout(timer);
}
