/**
 * The naming rule between the engine's wire (camelCase) and the native surface (snake_case).
 * It has no imports, so that the generator, which runs without a build, applies the very same rule.
 */

/** Words whose inner capitals are no word boundary. */
const JOINED_WORD = /OAuth/g;
const LOWER_THEN_UPPER = /([a-z0-9])([A-Z])/g;
const ACRONYM_THEN_WORD = /([A-Z])([A-Z][a-z])/g;
const UNDERSCORE_THEN_LETTER = /(?<=[^_])_([a-z0-9])/g;
const CAMEL_WORD = /^[a-z][a-z0-9]*[A-Z][A-Za-z0-9]*$/;
const SNAKE_WORD = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/;
const RENAMED_KEY = /[A-Z-]/;
const KEY_WORD = /^_*[A-Za-z][A-Za-z0-9_-]*$/;

/** `mcpServers` → `mcp_servers`, `PreToolUse` → `pre_tool_use`, `ca-certificate` → `ca_certificate`; `_meta` and `$schema` stay. */
export function snakeKey(name: string): string {
  if (!RENAMED_KEY.test(name) || !KEY_WORD.test(name)) {
    return name;
  }
  return name
    .replace(JOINED_WORD, 'Oauth')
    .replace(LOWER_THEN_UPPER, '$1_$2')
    .replace(ACRONYM_THEN_WORD, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}

/** The way back for names that no shape knows: `brand_new` → `brandNew`. Lossy for acronyms, so known names use their shape. */
export function camelKey(name: string): string {
  return SNAKE_WORD.test(name)
    ? name.replace(UNDERSCORE_THEN_LETTER, (_, letter: string) => letter.toUpperCase())
    : name;
}

/** Enum values: only camelCase words change (`inProgress`, `oAuth`); `workspace-write`, `AGENTS_MD`, `openai/form` are names. */
export function snakeValue(value: string): string {
  if (value === 'oAuth') {
    return 'oauth';
  }
  return CAMEL_WORD.test(value) ? snakeKey(value) : value;
}
