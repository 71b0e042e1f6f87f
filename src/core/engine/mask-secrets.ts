export const MASK = '[masked]';

const SECRET_WORD =
  '(?:(?:api|access|private|secret|signing|encryption|account)[_-]?key|token|secret|password|passwd|passphrase' +
  '|authorization|credential|credentials|bearer|dsn|signature)';

/** Names whose text is a secret. `env_key` and `…_env_var` are names of variables and say nothing. */
const SECRET_NAME = new RegExp(`${SECRET_WORD}$`, 'i');
const NAME_OF_VARIABLE = /(env_key|_env_var|_env_vars)$/i;

/** Maps all of whose values are secrets, whatever they are called. */
const SECRET_MAPS: ReadonlySet<string> = new Set(['env', 'http_headers', 'headers', 'query_params', 'set']);

/** What is a secret within a text, with what goes before it: user info and parameters of a URL, flags, headers. */
const SECRETS_IN_TEXT: readonly RegExp[] = [
  /(\w:\/\/)[^/\s?#]+(?=@)/g,
  new RegExp(`((?:[?&]|(?:^|\\s)--?)[\\w-]*${SECRET_WORD}=)[^&\\s#]+`, 'gi'),
  /(\b(?:bearer|basic)\s+)[\w.~+/=-]+/gi,
  new RegExp(`(^[\\w-]*${SECRET_WORD}:\\s*)(?!bearer|basic)\\S+`, 'gi'),
];

/** The same configuration with every secret masked, for a response, an event or a log line. */
export function maskSecrets(value: unknown): unknown {
  return mask(value, '', false);
}

function mask(value: unknown, name: string, isInSecret: boolean): unknown {
  const isSecret = isInSecret || SECRET_MAPS.has(name) || isSecretName(name);
  if (Array.isArray(value)) {
    return value.map((part, index) => mask(part, '', isSecret || isSecretFlag(value[index - 1])));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mask(part, key, isSecret)]));
  }
  if (typeof value !== 'string') {
    return value;
  }
  return isInSecret || isSecretName(name) ? MASK : withoutSecrets(value);
}

const isSecretName = (name: string): boolean => SECRET_NAME.test(name) && !NAME_OF_VARIABLE.test(name);

/** Of a program's arguments, the one after `--token` is a secret. */
const isSecretFlag = (argument: unknown): boolean =>
  typeof argument === 'string' && /^--?[\w-]+$/.test(argument) && isSecretName(argument);

/** A text without the secrets that show in it. */
export const withoutSecrets = (text: string): string =>
  SECRETS_IN_TEXT.reduce((masked, secret) => masked.replace(secret, `$1${MASK}`), text);
