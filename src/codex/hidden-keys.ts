import { MASK, withoutSecrets } from '../core/engine/mask-secrets.js';

/** What names of variables say of their values; the settings, which stand alone, have the same. */
const SECRET_NAME = /KEY|SECRET|TOKEN|PASSW|CREDENTIAL/i;
/** A shorter value may be a word of the language. */
const LEAST_LENGTH = 8;

/** What a provider says of a key that it does not take, and keys that show by their form what they are. */
const KEYS_IN_TEXT: readonly RegExp[] = [
  /(\b(?:api[ _-]?key|token)(?: \w+)?\s*[:=]\s*["'`]?)(?=[a-z_.*~+/-]*\d)[\w.*~+/-]{8,}/gi,
  /(\b(?:sk|pk|rk|gsk|xai|sess)[-_])[\w*-]{8,}/g,
];

interface Failure {
  message?: unknown;
  additionalDetails?: unknown;
}

/**
 * Providers repeat keys in their errors, which the engine passes on: to everyone who follows the thread. The engine's own
 * key, and whatever looks like one, is masked in them.
 */
export class HiddenKeys {
  readonly #values: readonly string[];

  /** @param env the engine's environment */
  constructor(env: Readonly<Record<string, string | undefined>>) {
    const secrets = Object.entries(env).flatMap(([name, value]) => (SECRET_NAME.test(name) ? [value ?? ''] : []));
    this.#values = secrets.filter((value) => value.length >= LEAST_LENGTH);
  }

  /** @param params of a notification, whose failure is its own or that of its turn */
  inFailures(params: unknown): unknown {
    const { turn } = (params ?? {}) as { turn?: { error?: unknown } };
    return turn?.error ? { ...(params as object), turn: this.inFailure(turn) } : this.inFailure(params);
  }

  /** The same thing with its `error` masked, if it has one. */
  inFailure<T>(failed: T): T {
    const { error } = (failed ?? {}) as { error?: unknown };
    return error ? { ...failed, error: this.#inError(error) } : failed;
  }

  /** An object with a message, or the message alone. */
  #inError(given: unknown): unknown {
    if (typeof given !== 'object') {
      return this.#inText(given);
    }
    const { message, additionalDetails, ...failure } = given as Failure;
    return {
      ...failure,
      ...(message === undefined ? {} : { message: this.#inText(message) }),
      ...(additionalDetails === undefined ? {} : { additionalDetails: this.#inText(additionalDetails) }),
    };
  }

  #inText(text: unknown): unknown {
    if (typeof text !== 'string') {
      return text;
    }
    const known = this.#values.reduce((before, value) => before.replaceAll(value, MASK), text);
    return KEYS_IN_TEXT.reduce((before, pattern) => before.replace(pattern, `$1${MASK}`), withoutSecrets(known));
  }
}
