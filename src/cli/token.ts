import { parseArgs } from 'node:util';
import { MainTokenFile } from '../settings/main-token-file.js';
import { type ReadSettings } from '../settings/parse-settings.js';
import { readOwnSettings } from '../settings/read-own-settings.js';
import { SCOPES, isScope, type Scope } from '../settings/scopes.js';
import { type Environment } from '../settings/settings.js';
import { SettingsError } from '../settings/settings-error.js';
import { TokenFile, TokenFileError } from '../settings/token-file.js';

export const TOKEN_HELP = `Usage: codex-web-server token create NAME [--scopes LIST] [--replace]
       codex-web-server token list
       codex-web-server token revoke NAME
       codex-web-server token rotate

Tokens beside the main one, for one client each; "rotate" puts a new main token in the place of the one that the server
made, which may be lost. A running server takes a change within a second. A new token is the only thing that goes to
standard output: TOKEN=$(codex-web-server token create laptop)

  --scopes LIST    comma separated: ${SCOPES.join(', ')} (default: read,write,approve)
  --replace        end the token of that name, if there is one
  --data-dir DIR   the server's folder, as it is started with [CODEX_WEB_DATA_DIR]
  --codex-home DIR [CODEX_HOME]
`;

const DEFAULT_SCOPES: readonly Scope[] = ['read', 'write', 'approve'];

/** What a command prints: `text` to standard output, what a person should know beside it to standard error. */
export interface TokenCommandResult {
  text: string;
  note: string;
}

/** `codex-web-server token …`. Throws `SettingsError` for what makes no sense. */
export function runTokenCommand(argv: readonly string[], env: Environment): TokenCommandResult {
  const { positionals, isHelp, rest, ...options } = parse(argv);
  const [action, name, ...more] = positionals;
  if (isHelp || action === undefined) {
    return { text: TOKEN_HELP, note: '' };
  }
  const settings = readOwnSettings(rest, env);
  try {
    return run(settings, { action, name, ...options, isTooMuch: more.length > 0 });
  } catch (error) {
    throw error instanceof TokenFileError ? new SettingsError([error.message]) : error;
  }
}

interface Command {
  action: string;
  name: string | undefined;
  scopes: string | undefined;
  isReplacing: boolean;
  isTooMuch: boolean;
}

const ACTIONS: Readonly<Record<string, (settings: ReadSettings, command: Command) => TokenCommandResult>> = {
  create: ({ values }, { name = '', scopes, isReplacing }) => {
    const { token, entry } = new TokenFile(values.dataDir).create(name, toScopes(scopes), { isReplacing });
    const note = `This is the only time it is shown. It is good for: ${entry.scopes.join(', ')}.\n`;
    return { text: `${token}\n`, note };
  },
  revoke: ({ values }, { name = '' }) => {
    new TokenFile(values.dataDir).revoke(name);
    return { text: `"${name}" is revoked.\n`, note: '' };
  },
  list: ({ values }) => ({ text: toList(new TokenFile(values.dataDir)), note: '' }),
  rotate: (settings) => rotate(settings),
};
const NAMELESS = ['list', 'rotate'];

function run(settings: ReadSettings, command: Command): TokenCommandResult {
  const { action, name, isReplacing, isTooMuch } = command;
  if (isTooMuch || NAMELESS.includes(action) !== (name === undefined) || (isReplacing && action !== 'create')) {
    throw new SettingsError([`"token ${action}" is not used like this; see "token --help"`]);
  }
  const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!act) {
    throw new SettingsError([`"${action}" is nothing to do with a token; see "token --help"`]);
  }
  return act(settings, command);
}

function rotate({ token, values }: ReadSettings): TokenCommandResult {
  if (token?.from === 'env' || token?.from === 'file') {
    const variable = token.from === 'env' ? 'CODEX_AUTH_TOKEN' : 'CODEX_AUTH_TOKEN_FILE';
    throw new SettingsError([`${variable} is set, so the main token is the one that it gives: change it there`]);
  }
  const text = `${new MainTokenFile(values.dataDir).rotate()}\n`;
  return { text, note: 'This is the only time it is shown. The main token before it is good no more.\n' };
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
  isReplacing: boolean;
  isHelp: boolean;
  /** The flags that are the server's own too. */
  rest: string[];
}

function parse(argv: readonly string[]): ParsedArguments {
  const options = {
    scopes: { type: 'string' },
    replace: { type: 'boolean' },
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
    const { scopes, replace: isReplacing = false, help: isHelp = false } = values;
    return { positionals, scopes, isReplacing, isHelp, rest };
  } catch (error) {
    throw new SettingsError([error instanceof Error ? error.message : String(error)]);
  }
}
