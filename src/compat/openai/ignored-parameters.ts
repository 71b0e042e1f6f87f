/** The header of an answer that lists the parameters of its request which had no effect. */
export const IGNORED_HEADER = 'X-Codex-Ignored-Parameters';

/** For the OpenAPI document. */
export const IGNORED_HEADERS = {
  [IGNORED_HEADER]: {
    required: false,
    schema: { type: 'string' },
    description:
      'The parameters of the request that had no effect, as in `temperature, messages[].cache_control`; left out where there are none.',
  },
} as const;

/** In the document, a request that may hold fields of other vendors. */
export const OPEN = { additionalProperties: true } as const;
export const OPEN_TO_OTHERS =
  'Fields that are not known here are ignored and listed in `X-Codex-Ignored-Parameters`, but for those that ask for another ' +
  'answer, which are refused; with `--unsupported-parameters refuse` all are.';

const MAX_NAMES = 24;
const MAX_NAME_CHARS = 64;
const MAX_CHARS = 1000;

/**
 * The names as a header may hold them, whatever a client called its fields: at most 1,000 characters, `+3` at the end for
 * three more. `undefined` where there are none.
 */
export function toIgnoredHeader(names: readonly string[]): string | undefined {
  const shown: string[] = [];
  let chars = 0;
  for (const name of names.slice(0, MAX_NAMES)) {
    const safe = toSafeName(name);
    chars += safe.length + 2;
    if (chars > MAX_CHARS) {
      break;
    }
    shown.push(safe);
  }
  const more = names.length - shown.length;
  return names.length === 0 ? undefined : [...shown, ...(more > 0 ? [`+${String(more)}`] : [])].join(', ');
}

/** Of printable ASCII without what separates names; cut where it is too long. */
export function toSafeName(name: string): string {
  const safe = name.slice(0, MAX_NAME_CHARS).replaceAll(/[^\w.[\]$@:/-]/g, '?');
  return name.length > MAX_NAME_CHARS ? `${safe.slice(0, -3)}...` : safe;
}
