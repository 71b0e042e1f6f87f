export const MASK = '[masked]';

/** Names whose text is a secret. `env_key` and `…_env_var` are names of variables and say nothing. */
const SECRET_NAME = /(api_?key|token|secret|password|passwd|authorization|credential|bearer|private_?key|dsn)$/i;
const NAME_OF_VARIABLE = /(env_key|_env_var|_env_vars)$/i;

/** Maps all of whose values are secrets, whatever they are called. */
const SECRET_MAPS: ReadonlySet<string> = new Set(['env', 'http_headers', 'headers', 'query_params', 'set']);

/** The same configuration with every secret masked, for a response, an event or a log line. */
export function maskSecrets(value: unknown): unknown {
  return mask(value, '', false);
}

function mask(value: unknown, name: string, isSecretMap: boolean): unknown {
  if (Array.isArray(value)) {
    return value.map((part) => mask(part, name, isSecretMap));
  }
  if (typeof value === 'object' && value !== null) {
    const isMap = isSecretMap || SECRET_MAPS.has(name);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mask(part, key, isMap)]));
  }
  const isSecret = isSecretMap || (SECRET_NAME.test(name) && !NAME_OF_VARIABLE.test(name));
  return typeof value === 'string' && isSecret ? MASK : withoutUserInfo(value);
}

/** A URL may carry a password. */
function withoutUserInfo(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/(\w+:\/\/)[^/\s@]+@/g, `$1${MASK}@`) : value;
}
