import { map, type Observable } from 'rxjs';
import { ServiceError } from '../../core/errors.js';
import { toRevoked } from '../auth/to-revoked.js';
import { EventStream } from './event-stream.js';
import { type SseChunk } from './sse-chunk.js';
import { type ClosingCause, type StreamEnding, type StreamForm } from './stream-form.js';

/** Its sources go no faster than the client; this is for what one of their events becomes. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** One server-sent event of a dialect. Text is sent as it is, everything else as JSON. */
export interface EventFrame {
  readonly event?: string;
  readonly id?: string;
  readonly data: string | object;
}

/** The last frames of a stream that ends before its source has: how the dialect tells its clients of an error. */
export type ToLastFrames = (error: ServiceError) => readonly EventFrame[];

/**
 * A stream of a dialect. Headers go out with the first frame, so that an error before it is a status; one after it is told by
 * `toLastFrames`.
 */
export function toFrameStream(frames: Observable<EventFrame>, toLastFrames: ToLastFrames): EventStream {
  return new EventStream(frames.pipe(map(toFrameChunk)), toDialectForm(toLastFrames));
}

function toFrameChunk(frame: EventFrame): SseChunk {
  return { bytes: Buffer.from(toFrameText(frame)), lastId: frame.id ?? null };
}

function toDialectForm(toLastFrames: ToLastFrames): StreamForm {
  return {
    opening: Buffer.alloc(0),
    startsWithSource: true,
    isChunked: true,
    maxBufferedBytes: MAX_BUFFERED_BYTES,
    toEnding: (ending) => Buffer.from(toLastFrames(toError(ending)).map(toFrameText).join('')),
  };
}

function toFrameText({ event, id, data }: EventFrame): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  const lines = text.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return [
    ...(event === undefined ? [] : [`event: ${event}\n`]),
    ...(id === undefined ? [] : [`id: ${id}\n`]),
    ...lines,
    '\n',
  ].join('');
}

function toError(ending: StreamEnding): ServiceError {
  switch (ending.reason) {
    case 'failed':
      return ending.error;
    case 'lagged':
      return new ServiceError('conflict', 'This reader is too slow; the work goes on without it.');
    case 'closing':
      return toClosingError(ending.cause);
  }
}

function toClosingError(cause: ClosingCause): ServiceError {
  switch (cause) {
    case 'shutdown':
      return new ServiceError('engine_unavailable', 'The server is shutting down.');
    case 'token_revoked':
      return toRevoked();
    case 'ticket_expired':
      return new ServiceError('unauthorized', 'The stream ticket has expired.');
  }
}
