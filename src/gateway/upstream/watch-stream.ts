import { type LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { StallError } from './to-gateway-error.js';

/** Gives a request up when its provider sends nothing for too long: before the first part, or between two. */
export class StallGuard {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly timeoutMs: number) {}

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Runs while something is waited for; a slow reader does not count against the provider. */
  async during<T>(work: PromiseLike<T>): Promise<T> {
    this.#timer = setTimeout(() => {
      this.#controller.abort(new StallError(this.timeoutMs));
    }, this.timeoutMs);
    try {
      return await work;
    } finally {
      clearTimeout(this.#timer);
    }
  }
}

/** The parts of a stream one by one, and its end when the loop is left. */
export async function* watchStream(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  guard: StallGuard,
): AsyncGenerator<LanguageModelV4StreamPart> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await guard.during(reader.read());
      if (done) {
        return;
      }
      yield value;
    }
  } finally {
    // A stream that has failed already has nothing to cancel.
    await reader.cancel().catch(() => undefined);
  }
}
