import { parseArgs } from 'node:util';
import { readOwnSettings } from '../settings/read-own-settings.js';
import { SCOPES, isScope, type Scope } from '../settings/scopes.js';
import { SettingsError } from '../settings/settings-error.js';
import { TokenFile, TokenFileError } from '../settings/token-file.js';

export const TOKEN_HELP = `Usage: codex-web-server token create NAME [--scopes LIST]
       codex-web-server token list
       codex-web-server token revoke NAME

Tokens beside the main one, for one client each. A running server takes a change within a second.

  --scopes LIST    comma separated: ${SCOPES.join(', ')} (default: read,write,approve)
  --data-dir DIR   the server's folder, as it is started with [CODEX_WEB_DATA_DIR]
  --codex-home DIR [CODEX_HOME]
`;

const DEFAULT_SCOPES: readonly Scope[] = ['read', 'write', 'approve'];

/** `codex-web-server token …`; what it prints. Throws `SettingsError` for what makes no sense. */
export function runTokenCommand(argv: readonly string[]): string {
  const { positionals, scopes, isHelp, rest } = parse(argv);
  const [action, name, ...more] = positionals;
  if (isHelp || action === undefined) {
    return TOKEN_HELP;
  }
  const file = new TokenFile(readOwnSettings(rest).values.dataDir);
  try {
    return run(file, { action, name, scopes, isTooMuch: more.length > 0 });
  } catch (error) {
    throw error instanceof TokenFileError ? new SettingsError([error.message]) : error;
  }
}

interface Command {
  action: string;
  name: string | undefined;
  scopes: string | undefined;
  isTooMuch: boolean;
}

function run(file: TokenFile, { action, name, scopes, isTooMuch }: Command): string {
  if (isTooMuch || (action === 'list') !== (name === undefined)) {
    throw new SettingsError([`"token ${action}" is not used like this; see "token --help"`]);
  }
  switch (action) {
    case 'create': {
      const { token, entry } = file.create(name ?? '', toScopes(scopes));
      return `${token}\n\nThis is the only time it is shown. It is good for: ${entry.scopes.join(', ')}.\n`;
    }
    case 'revoke':
      file.revoke(name ?? '');
      return `"${name ?? ''}" is revoked.\n`;
    case 'list':
      return toList(file);
    default:
      throw new SettingsError([`"${action}" is nothing to do with a token; see "token --help"`]);
  }
}

function toList(file: TokenFile): string {
  const tokens = file.read();
  if (tokens.length === 0) {
    return 'There are no named tokens.\n';
  }
  const width = Math.max(...tokens.map(({ name }) => name.length));
  return tokens
    .map(({ name, createdAt, scopes }) => `${name.padEnd(width)}  ${createdAt}  ${scopes.join(',')}\n`)
    .join('');
}

function toScopes(text: string | undefined): readonly Scope[] {
  const names = text?.split(',').map((name) => name.trim()) ?? DEFAULT_SCOPES;
  const unknown = names.filter((name) => !isScope(name));
  if (unknown.length > 0) {
    throw new SettingsError([`--scopes: there is no scope "${unknown.join('", "')}"; there are ${SCOPES.join(', ')}`]);
  }
  return [...new Set(names.filter(isScope))];
}

interface ParsedArguments {
  positionals: string[];
  scopes: string | undefined;
  isHelp: boolean;
  /** The flags that are the server's own too. */
  rest: string[];
}

function parse(argv: readonly string[]): ParsedArguments {
  const options = {
    scopes: { type: 'string' },
    'data-dir': { type: 'string' },
    'codex-home': { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const rest = (['data-dir', 'codex-home'] as const).flatMap((flag) => {
      const value = values[flag];
      return value === undefined ? [] : [`--${flag}`, value];
    });
    return { positionals, scopes: values.scopes, isHelp: values.help === true, rest };
  } catch (error) {
    throw new SettingsError([error instanceof Error ? error.message : String(error)]);
  }
}
