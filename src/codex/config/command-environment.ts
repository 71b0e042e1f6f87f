import { findTable, isTable, type TomlTable } from './config-edits.js';

const POLICY = 'shell_environment_policy';

/** Beside names with KEY, SECRET or TOKEN in them, which the engine leaves out itself once it is told to. */
const SECRET_NAMES = ['AWS_*', 'AZURE_*', 'GOOGLE_*', '*PASSWORD*', '*PASSWD*', '*CREDENTIAL*'];
/** Where the configuration names a variable that holds a secret, or a table of headers with such names. */
const NAMES_SECRET = ['env_key', 'bearer_token_env_var'];
const NAMES_SECRETS = ['env_http_headers'];

/**
 * What is kept from the environment of commands (`-c key=value`), beside what the operator keeps from them himself. His
 * `ignore_default_excludes`, `set` and `include_only` stay as they are.
 */
export function toEnvironmentOverrides(table: TomlTable, secretVariable: string): string[] {
  const policy = findTable(table, [POLICY]) ?? {};
  const own = Array.isArray(policy.exclude) ? policy.exclude.filter((name) => typeof name === 'string') : [];
  const named = ['model_providers', 'mcp_servers'].flatMap((key) =>
    Object.values(findTable(table, [key]) ?? {}).flatMap((part) => (isTable(part) ? toSecretNames(part) : [])),
  );
  const exclude = [...new Set([...own, ...SECRET_NAMES, ...named, secretVariable])];
  const isSaid = policy.ignore_default_excludes !== undefined;
  return [
    ...['-c', `${POLICY}.exclude=${JSON.stringify(exclude)}`],
    ...(isSaid ? [] : ['-c', `${POLICY}.ignore_default_excludes=false`]),
  ];
}

function toSecretNames(part: TomlTable): string[] {
  const single = NAMES_SECRET.map((key) => part[key]);
  const many = NAMES_SECRETS.flatMap((key) => Object.values(findTable(part, [key]) ?? {}));
  return [...single, ...many].filter((name) => typeof name === 'string');
}
