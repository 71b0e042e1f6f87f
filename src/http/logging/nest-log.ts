import { type LoggerService } from '@nestjs/common';
import { type Logger } from 'pino';

/** Nest names these for each module and route at the start; they are of use only when looking for a fault. */
const WORDY = new Set(['InstanceLoader', 'RouterExplorer', 'RoutesResolver', 'NestFactory', 'NestApplication']);

/** Lets Nest and its modules write to the process's log. */
export class NestLog implements LoggerService {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  log(message: unknown, ...rest: unknown[]): void {
    const { context } = readRest(rest);
    this.#logger[WORDY.has(context ?? '') ? 'debug' : 'info']({ context }, toText(message));
  }

  /** Nest gives a stack as text before the context. */
  error(message: unknown, ...rest: unknown[]): void {
    this.#logger.error({ ...readRest(rest), ...(message instanceof Error && { err: message }) }, toText(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#logger.warn(readRest(rest), toText(message));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#logger.debug(readRest(rest), toText(message));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#logger.trace(readRest(rest), toText(message));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#logger.fatal(readRest(rest), toText(message));
  }
}

function readRest(rest: unknown[]): { context?: string; stack?: string } {
  const texts = rest.filter((part) => typeof part === 'string');
  const context = texts.at(-1);
  const stack = texts.length > 1 ? texts[0] : undefined;
  return { ...(context !== undefined && { context }), ...(stack !== undefined && { stack }) };
}

function toText(message: unknown): string {
  if (typeof message === 'string') {
    return message;
  }
  return message instanceof Error ? message.message : JSON.stringify(message);
}
