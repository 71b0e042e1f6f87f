import { parseArgs } from 'node:util';
import { type Option } from './option.js';
import { OPTIONS } from './options.js';

export interface CommandLine {
  isHelp: boolean;
  isVersion: boolean;
  /** Flag name → its values in order; a switch has the value `on`. */
  values: ReadonlyMap<string, readonly string[]>;
  faults: string[];
}

/** A `toggle` is a switch that may be followed by its value. */
type FlagKind = 'value' | 'list' | 'switch' | 'toggle';

const FLAGS = new Map<string, FlagKind>([
  ['addr', 'value'],
  ['help', 'switch'],
  ['version', 'switch'],
  ...OPTIONS.flatMap((option): [string, FlagKind][] =>
    option.flag === undefined ? [] : [[option.flag, toKind(option)]],
  ),
]);

function toKind({ placeholder, list }: Option): FlagKind {
  if (placeholder === undefined) {
    return 'switch';
  }
  return placeholder.startsWith('[') ? 'toggle' : list === undefined ? 'value' : 'list';
}

const TOGGLE_WORDS: ReadonlySet<string> = new Set(['true', 'false', 'on', 'off', 'yes', 'no', '1', '0']);

/** `--flag false` is written as `--flag=false`, and `--flag` alone as `--flag=on`. */
function joinToggles(argv: readonly string[]): string[] {
  const isToggle = (word = ''): boolean => word.startsWith('--') && FLAGS.get(word.slice(2)) === 'toggle';
  const isValue = (word = ''): boolean => TOGGLE_WORDS.has(word.toLowerCase());
  return argv.flatMap((word, index) => {
    if (isToggle(word)) {
      const next = argv[index + 1];
      return [`${word}=${next !== undefined && isValue(next) ? next : 'on'}`];
    }
    return isValue(word) && isToggle(argv[index - 1]) ? [] : [word];
  });
}

const SHORT: Readonly<Record<string, string>> = { addr: 'a', help: 'h', version: 'V' };

/** As strict as `parseArgs({strict: true})`, which stops at the first fault, while this lists them all. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { tokens } = parseArgs({
    args: joinToggles(argv),
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      [...FLAGS].map(([flag, kind]) => [
        flag,
        {
          type: kind === 'switch' ? ('boolean' as const) : ('string' as const),
          ...(SHORT[flag] && { short: SHORT[flag] }),
        },
      ]),
    ),
  });
  const values = new Map<string, string[]>();
  const faults: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      faults.push(`"${token.value}" belongs to no flag; see --help`);
    } else if (token.kind === 'option') {
      const fault = findFlagFault(token, values);
      if (fault === null) {
        values.set(token.name, [...(values.get(token.name) ?? []), token.value ?? 'on']);
      } else {
        faults.push(fault);
      }
    }
  }
  return { isHelp: values.has('help'), isVersion: values.has('version'), values, faults };
}

function findFlagFault(
  token: { name: string; rawName: string; value?: string | undefined },
  earlier: ReadonlyMap<string, unknown>,
): string | null {
  const kind = FLAGS.get(token.name);
  if (kind === undefined) {
    return `${token.rawName} is no flag of this program; see --help`;
  }
  if (kind === 'switch') {
    return token.value === undefined ? null : `${token.rawName} takes no value; leave "=${token.value}" out`;
  }
  if (token.value === undefined || token.value === '' || token.value.startsWith('--')) {
    return `${token.rawName} needs a value`;
  }
  return kind !== 'list' && earlier.has(token.name) ? `${token.rawName} is given more than once` : null;
}
