import { parseArgs } from 'node:util';
import { OPTIONS } from './options.js';

export interface CommandLine {
  isHelp: boolean;
  isVersion: boolean;
  /** Flag name → its values in order; a switch has the value `on`. */
  values: ReadonlyMap<string, readonly string[]>;
  faults: string[];
}

type FlagKind = 'value' | 'list' | 'switch';

const FLAGS = new Map<string, FlagKind>([
  ['addr', 'value'],
  ['help', 'switch'],
  ['version', 'switch'],
  ...OPTIONS.flatMap(({ flag, placeholder, list }): [string, FlagKind][] =>
    flag === undefined ? [] : [[flag, placeholder === undefined ? 'switch' : list === undefined ? 'value' : 'list']],
  ),
]);

const SHORT: Readonly<Record<string, string>> = { addr: 'a', help: 'h', version: 'V' };

/** As strict as `parseArgs({strict: true})`, which stops at the first fault, while this lists them all. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { tokens } = parseArgs({
    args: [...argv],
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
  return kind === 'value' && earlier.has(token.name) ? `${token.rawName} is given more than once` : null;
}
