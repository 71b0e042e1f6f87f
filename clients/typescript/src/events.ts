import { ApiError, ConnectionError } from './errors.js';
import { type components } from './generated/schema.js';
import { backoffMs, delay } from './transport.js';

type Schemas = components['schemas'];

/** The first frame of a stream; it tells the state of things where the stream begins. */
type Opened = { event: 'stream/opened' } & Schemas['StreamOpened'];

/** What was asked for is no longer kept: the stream goes on with `earliest_seq`. */
export type GapEvent = { event: 'stream/gap'; seq?: undefined; turn_id?: undefined } & Schemas['StreamGap'];

/** Something that happened. `event` tells which kind, and so narrows the type. */
export type CodexEvent = Exclude<Schemas['StreamEvent'], { event: `stream/${string}` }> | GapEvent;

export interface FollowOptions {
  /** The last number that is known: 0 begins with the first event that is kept, `undefined` with the next one. */
  after?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** The server sends a comment every ten seconds: a longer silence means that nobody is there. */
const SILENCE_MS = 30_000;
const RETRIED_STATUSES = new Set([429, 502, 503]);

/**
 * Yields each event once and in order, over any number of connections. Throws an `ApiError` when the server refuses the
 * stream (401, 403, 404), and tries again for as long as it takes when it is merely away. Ends when the caller stops
 * asking; an aborted signal throws its reason.
 */
export async function* follow(
  open: OpenStream,
  { after, signal }: FollowOptions,
): AsyncGenerator<CodexEvent, void, undefined> {
  const position: Position = { last: after, failures: 0 };
  for (;;) {
    let waitMs = 0;
    try {
      yield* followOne(open, position, signal);
    } catch (error) {
      signal?.throwIfAborted();
      waitMs = requirePassing(error, position.failures);
    }
    // A stream that told something and then ended is opened again at once.
    await delay(Math.max(waitMs, position.failures === 0 ? 0 : backoffMs(position.failures)), signal);
    position.failures += 1;
  }
}

/** Opens the stream after a number. */
type OpenStream = (after: number | undefined, signal: AbortSignal) => Promise<Response>;

interface Position {
  last: number | undefined;
  /** Connections in a row that told nothing. */
  failures: number;
}

async function* followOne(
  open: OpenStream,
  position: Position,
  signal: AbortSignal | undefined,
): AsyncGenerator<CodexEvent, void, undefined> {
  for await (const { id, data } of frames(open, position.last, signal)) {
    position.failures = 0;
    if (isOpened(data)) {
      // What comes between this connection and the next is not to be missed, even before the first event.
      position.last ??= data.latest_seq;
    } else if (id !== undefined || data.event === 'stream/gap') {
      position.last = id ?? position.last;
      yield data;
    }
  }
}

/** How long to wait before another attempt. Throws what another attempt would not change. */
function requirePassing(error: unknown, failures: number): number {
  const isBroken = error instanceof ConnectionError || error instanceof TypeError || error instanceof DOMException;
  if (error instanceof ApiError ? !RETRIED_STATUSES.has(error.status) : !isBroken) {
    throw error;
  }
  return error instanceof ApiError ? backoffMs(failures, error.retryAfterSeconds) : 0;
}

function isOpened(data: CodexEvent | Opened): data is Opened {
  return data.event === 'stream/opened';
}

interface Frame {
  id: number | undefined;
  data: CodexEvent | Opened;
}

/** The frames of one connection, which is closed with the generator. */
async function* frames(
  open: OpenStream,
  after: number | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Frame, void, undefined> {
  const connection = new AbortController();
  const abort = (): void => {
    connection.abort(signal?.reason);
  };
  signal?.addEventListener('abort', abort, { once: true });
  let silence: ReturnType<typeof setTimeout> | undefined;
  const listen = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      connection.abort(new ConnectionError('The stream fell silent.'));
    }, SILENCE_MS);
  };
  try {
    signal?.throwIfAborted();
    listen();
    const response = await open(after, connection.signal);
    yield* parseFrames(readText(response, listen));
  } finally {
    clearTimeout(silence);
    signal?.removeEventListener('abort', abort);
    connection.abort();
  }
}

async function* readText(response: Response, onChunk: () => void): AsyncGenerator<string, void, undefined> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let chunk = await reader?.read(); chunk?.done === false; chunk = await reader?.read()) {
    onChunk();
    yield chunk.value;
  }
}

/** Server-sent events as the HTML standard has them: comments go unseen, a blank line ends a frame. */
export async function* parseFrames(chunks: AsyncIterable<string>): AsyncGenerator<Frame, void, undefined> {
  let buffer = '';
  for await (const chunk of chunks) {
    buffer += chunk;
    const blocks = buffer.split('\n\n');
    buffer = blocks.pop() ?? '';
    for (const block of blocks) {
      const frame = toFrame(block);
      if (frame) {
        yield frame;
      }
    }
  }
}

function toFrame(block: string): Frame | undefined {
  let id: number | undefined;
  const data: string[] = [];
  let event: string | undefined;
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') {
      data.push(value);
    } else if (name === 'id') {
      id = Number(value);
    } else if (name === 'event') {
      event = value;
    }
  }
  if (data.length === 0) {
    return undefined;
  }
  const payload = JSON.parse(data.join('\n')) as CodexEvent;
  // The stream's own frames have no name within their data.
  return { id, data: (event === undefined ? payload : { ...payload, event }) as CodexEvent };
}
