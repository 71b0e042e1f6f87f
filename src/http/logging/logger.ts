import { pino, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';

/** Injection token of the process's logger. */
export const LOGGER = Symbol('http:logger');

/** How long a line may wait to be written together with others. */
const FLUSH_EVERY_MS = 100;
const BUFFER_BYTES = 8 * 1024;

/** Never written, wherever an object that is logged has them, one level deep. */
const SECRETS = ['authorization', 'cookie', 'token', 'ticket', 'access_token', 'api_key', 'x-api-key'];

export interface LogTarget {
  logger: Logger;
  /** Writes what is still buffered, at once; for the end of the process. */
  flush: () => void;
}

/**
 * JSON lines to standard output, or readable ones on a terminal. Lines are buffered for a tenth of a second, since a
 * write a request would cost more than the rest of logging.
 */
export function createLogger(level: string, isTerminal = process.stdout.isTTY): LogTarget {
  if (isTerminal) {
    return {
      logger: toLogger(level, pretty({ colorize: true, sync: true, ignore: 'pid,hostname' })),
      flush: () => undefined,
    };
  }
  const stdout = pino.destination({ dest: 1, sync: false, minLength: BUFFER_BYTES, periodicFlush: FLUSH_EVERY_MS });
  const flush = (): void => {
    try {
      stdout.flushSync();
    } catch {
      // Standard output that isn't open yet or any more has nowhere to write to.
    }
  };
  return { logger: toLogger(level, stdout), flush };
}

/** With any destination; tests give their own. */
export function toLogger(level: string, destination: DestinationStream): Logger {
  const paths = SECRETS.map((name) => (name.includes('-') ? `["${name}"]` : name));
  const nested = SECRETS.map((name) => (name.includes('-') ? `*["${name}"]` : `*.${name}`));
  return pino({ level, redact: { paths: [...paths, ...nested], censor: '[hidden]' } }, destination);
}
