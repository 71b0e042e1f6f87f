import { type ServiceError } from '../../core/errors.js';
import { formatControl } from './sse-chunk.js';

export type ClosingCause = 'shutdown' | 'ticket_expired' | 'token_revoked';

/** Why a stream ends that its source has not ended. */
export type StreamEnding =
  /** The reader takes less than is sent. */
  | { reason: 'lagged'; lastId: string | null }
  | { reason: 'closing'; cause: ClosingCause }
  | { reason: 'failed'; error: ServiceError; requestId: string };

/** What a stream has around its chunks, by who reads it. */
export interface StreamForm {
  /** The first bytes; none when empty. */
  readonly opening: Buffer;
  /** Headers go out with the first chunk of the source, whose failure before that is a status; else at once. */
  readonly startsWithSource: boolean;
  /**
   * Chunked framing tells a whole answer from one that was cut, and leaves the connection open for the next request; but
   * it makes four writes of each one.
   */
  readonly isChunked: boolean;
  /** What may wait for a slow client; past it the stream ends, so that it slows nobody else. */
  readonly maxBufferedBytes: number;
  readonly toEnding: (ending: StreamEnding) => Buffer;
}

const OPENING = Buffer.from('retry: 2000\n\n');

/** The form of the native streams. */
export function toNativeForm(isNamed: boolean): StreamForm {
  return {
    opening: OPENING,
    startsWithSource: false,
    isChunked: false,
    maxBufferedBytes: 1024 * 1024,
    toEnding: (ending) => {
      switch (ending.reason) {
        case 'lagged':
          return formatControl('stream/lagged', { last_id: ending.lastId, detail: LAGGED }, isNamed);
        case 'closing':
          return formatControl('stream/closing', { reason: ending.cause }, isNamed);
        case 'failed': {
          const { code, message } = ending.error;
          return formatControl('stream/error', { code, message, request_id: ending.requestId }, isNamed);
        }
      }
    },
  };
}

const LAGGED = 'This reader is too slow. Reconnect with the id of the last event that arrived as Last-Event-ID.';
