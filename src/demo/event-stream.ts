/** One frame of an event stream. */
export interface StreamEvent {
  /** The sequence number in its thread; `null` for frames about the stream itself, such as `stream/opened`. */
  id: number | null;
  name: string;
  /** The data line as it came. */
  text: string;
  data: Record<string, unknown>;
}

const MAX_LIFE_MS = 60_000;

/** A server-sent event stream, read frame by frame with `next`. */
export class EventStream {
  readonly #abort = new AbortController();
  readonly #frames: AsyncGenerator<StreamEvent, undefined>;

  private constructor(body: ReadableStream<Uint8Array>) {
    this.#frames = readFrames(body, AbortSignal.any([this.#abort.signal, AbortSignal.timeout(MAX_LIFE_MS)]));
  }

  /** Takes over a response with a body of `text/event-stream`. */
  static of({ body }: Response): EventStream {
    if (body === null) {
      throw new Error('The answer has no body.');
    }
    return new EventStream(body as ReadableStream<Uint8Array>);
  }

  /** The next frame; throws when the stream has ended, or after a minute. */
  async next(): Promise<StreamEvent> {
    const { value } = await this.#frames.next();
    if (value === undefined) {
      throw new Error('The event stream ended too early.');
    }
    return value;
  }

  /** Hangs up, as a client does whose connection is lost. */
  cut(): void {
    this.#abort.abort();
  }
}

async function* readFrames(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent, undefined> {
  const sink = new TextDecoderStream();
  void body.pipeTo(sink.writable as WritableStream<Uint8Array>, { signal }).catch(() => undefined);
  let buffer = '';
  for await (const chunk of sink.readable) {
    const blocks = (buffer + chunk).split('\n\n');
    buffer = blocks.pop() ?? '';
    yield* blocks.map(parseFrame).filter((frame) => frame !== undefined);
  }
  return undefined;
}

/** Comments and frames without data, such as `retry`, give nothing. */
function parseFrame(block: string): StreamEvent | undefined {
  const fields = new Map(block.split('\n').map((line) => splitAt(line, line.indexOf(': '))));
  const text = fields.get('data');
  if (text === undefined) {
    return undefined;
  }
  const id = fields.get('id');
  return {
    id: id === undefined ? null : Number(id),
    name: fields.get('event') ?? 'message',
    text,
    data: JSON.parse(text) as Record<string, unknown>,
  };
}

function splitAt(line: string, index: number): [string, string] {
  return [line.slice(0, index), line.slice(index + 2)];
}
