import { type LanguageModelV4StreamPart } from '@ai-sdk/provider';

/** The provider did not send anything for as long as it may. */
export class StallError extends Error {
  constructor(readonly timeoutMs: number) {
    super('stalled');
  }
}

/** Gives a request up when its provider sends nothing for too long: before the first part, or between two. */
export class StallGuard {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    this.#timer = setTimeout(() => {
      this.#controller.abort(new StallError(timeoutMs));
    }, timeoutMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The provider has sent something, or is read on after a pause. */
  refresh(): void {
    this.#timer.refresh();
  }

  /** Until `refresh`: a slow reader does not count against the provider. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}

/**
 * Reads a stream to its end, or until `take` throws; nothing is read while a promise that `take` gives is pending. The
 * stream is cancelled when it is not read to its end.
 */
export async function watchStream(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  guard: StallGuard,
  take: (part: LanguageModelV4StreamPart) => Promise<void> | undefined,
): Promise<void> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      guard.refresh();
      const room = take(value);
      if (room) {
        guard.stop();
        await room;
        guard.refresh();
      }
    }
  } finally {
    // A stream that has failed or ended has nothing to cancel.
    await reader.cancel().catch(() => undefined);
  }
}
