import { Inject, Injectable } from '@nestjs/common';
import { type Response } from 'express';
import { type Logger } from 'pino';
import { type core, type ZodType } from 'zod';
import { type ServiceError } from '../../core/errors.js';
import { DialectSettings } from '../../http/dialects/dialect-settings.js';
import { LOGGER } from '../../http/logging/logger.js';
import { IGNORED_HEADER, toIgnoredHeader, toSafeName } from './ignored-parameters.js';
import { lenientParse } from './lenient-parse.js';
import { canIgnore } from './meaningful-parameters.js';

/** A parameter of a valid request that has no effect. */
export interface Ineffective {
  /** As in `tools[].strict`. */
  name: string;
  /** Why it is refused where nothing is to be ignored; without it, it is taken there too. */
  refusal?: { path: string; message: string };
}

/** How one kind of request is read. */
export interface RequestForm<T> {
  schema: ZodType<T>;
  toIneffective: (body: T) => readonly Ineffective[];
  /** The error for what the schema finds. */
  toFault: (issues: readonly core.$ZodIssue[]) => ServiceError;
  /** The error for a parameter that is refused since it would have no effect. */
  toRefusal: (refusal: { path: string; message: string }) => ServiceError;
}

/** More names than these help nobody, and a client may make up as many as it likes. */
const MAX_LOGGED_NAMES = 200;

/**
 * Reads requests of clients that send more than has an effect here. What can be ignored without harm is, unless
 * `--unsupported-parameters refuse`; the answer's header names it, and the log does once for each name.
 */
@Injectable()
export class RequestReader {
  readonly #isLenient: boolean;
  readonly #logger: Logger;
  readonly #logged = new Set<string>();

  constructor(settings: DialectSettings, @Inject(LOGGER) logger: Logger) {
    this.#isLenient = settings.unsupportedParameters === 'ignore';
    this.#logger = logger;
  }

  /** Throws what the form makes of what can't be ignored. Without an answer, as on a socket, only the log tells. */
  read<T>(form: RequestForm<T>, value: unknown, res?: Response): T {
    const result = lenientParse(form.schema, value, this.#isLenient ? canIgnore : () => false);
    if (!result.success) {
      throw form.toFault(result.issues);
    }
    const ineffective = form.toIneffective(result.data);
    const refusal = this.#isLenient ? undefined : ineffective.find((one) => one.refusal)?.refusal;
    if (refusal) {
      throw form.toRefusal(refusal);
    }
    const ignored = [...new Set([...result.ignored, ...ineffective.map(({ name }) => name)])];
    const header = toIgnoredHeader(ignored);
    if (header !== undefined) {
      res?.setHeader(IGNORED_HEADER, header);
      ignored.forEach((name) => {
        this.#log(toSafeName(name));
      });
    }
    return result.data;
  }

  #log(parameter: string): void {
    if (!this.#logged.has(parameter) && this.#logged.size < MAX_LOGGED_NAMES) {
      this.#logged.add(parameter);
      this.#logger.info({ parameter }, 'a client sent a parameter that has no effect here');
    }
  }
}
