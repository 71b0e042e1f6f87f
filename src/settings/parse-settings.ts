import { parseCommandLine, type CommandLine } from './command-line.js';
import { type Option } from './option.js';
import { defaultValues, OPTIONS } from './options.js';
import { type Environment, type SettingName, type SettingValues, type ValueSource } from './settings.js';
import { SettingsError } from './settings-error.js';
import { findTokenFault } from './token-rules.js';
import { isLoopbackHost, parseAddress, splitList, ValueFault, type PathContext } from './value-parsers.js';

/** Where the token is to come from; only a file or a generated one needs the disk. */
export type TokenRequest = { from: 'env'; value: string } | { from: 'file'; path: string } | { from: 'data-dir' };

export interface ParsedSettings {
  values: SettingValues;
  sources: Record<SettingName, ValueSource>;
  token: TokenRequest;
  engineEnv: Environment;
}

export type ParsedCommand = 'help' | 'version' | ParsedSettings;

/** What could be understood, and what could not; where there are faults, the values have defaults in their place. */
export interface ReadSettings extends Omit<ParsedSettings, 'token'> {
  token: TokenRequest | null;
  faults: string[];
}

/** What must not be handed to the engine, and so not to the commands that a model runs. */
const OWN_SECRETS = [
  ...['CODEX_AUTH_TOKEN', 'CODEX_AUTH_TOKEN_FILE', 'SENTRY_DSN'],
  ...['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'],
];

interface Found {
  value: unknown;
  source: ValueSource;
}

/** Pure: reads no file and no process state. Throws `SettingsError` with every fault there is. */
export function parseSettings(argv: readonly string[], env: Environment, paths: PathContext): ParsedCommand {
  const read = readSettings(argv, env, paths);
  if (typeof read === 'string') {
    return read;
  }
  const { token, faults, ...rest } = read;
  if (faults.length > 0 || token === null) {
    throw new SettingsError(faults);
  }
  return { ...rest, token };
}

/** As `parseSettings`, for whoever finds further faults before all are told. */
export function readSettings(
  argv: readonly string[],
  env: Environment,
  paths: PathContext,
): 'help' | 'version' | ReadSettings {
  const line = parseCommandLine(argv);
  if (line.isHelp || line.isVersion) {
    return line.isHelp ? 'help' : 'version';
  }
  const faults = [...line.faults];
  const found = new Map<SettingName, Found>();
  for (const option of OPTIONS) {
    const result = findOption(option, { line, env, paths, faults });
    if (result !== undefined) {
      found.set(option.name, result);
    }
  }
  applyAddress('flag', line.values.get('addr')?.[0], '--addr', { found, paths, faults });
  applyAddress('env', setting(env, 'CODEX_SERVE_ADDR'), 'CODEX_SERVE_ADDR', { found, paths, faults });
  const values = toValues(found, paths);
  const token = toTokenRequest(env, values, faults);
  const sources = Object.fromEntries(OPTIONS.map(({ name }) => [name, found.get(name)?.source ?? 'default'])) as Record<
    SettingName,
    ValueSource
  >;
  return { values, sources, token, faults, engineEnv: withoutSecrets(env) };
}

interface Sources {
  line: CommandLine;
  env: Environment;
  paths: PathContext;
  faults: string[];
}

function findOption(option: Option, { line, env, paths, faults }: Sources): Found | undefined {
  const given = findOnLine(option, line) ?? findInEnvironment(option, env);
  if (given === undefined) {
    return undefined;
  }
  try {
    const parsed = given.parts.map((raw) => option.parse(raw, paths));
    return { value: option.list === undefined ? parsed[0] : parsed, source: given.source };
  } catch (error) {
    faults.push(`${given.label} ${toFaultText(error)}`);
    return undefined;
  }
}

interface Given {
  label: string;
  parts: readonly string[];
  source: ValueSource;
}

function findOnLine({ flag = '' }: Option, line: CommandLine): Given | undefined {
  const parts = line.values.get(flag);
  return parts && { label: `--${flag}`, parts, source: 'flag' };
}

function findInEnvironment(option: Option, env: Environment): Given | undefined {
  for (const label of option.env ?? []) {
    const raw = setting(env, label);
    if (raw !== undefined) {
      return { label, parts: toParts(option, raw), source: 'env' };
    }
  }
  return undefined;
}

const toParts = (option: Option, raw: string): string[] =>
  option.list === undefined ? [raw] : splitList(raw, option.list);

function toFaultText(error: unknown): string {
  if (error instanceof ValueFault) {
    return error.message;
  }
  throw error;
}

interface AddressTarget {
  found: Map<SettingName, Found>;
  paths: PathContext;
  faults: string[];
}

/** An address beats the single variables of its own source, and yields to a stronger source part by part. */
function applyAddress(source: 'flag' | 'env', raw: string | undefined, label: string, target: AddressTarget): void {
  if (raw === undefined) {
    return;
  }
  try {
    const { host, port } = parseAddress(raw, target.paths);
    applyPart('port', { value: port, source }, label, target);
    if (host !== undefined) {
      applyPart('host', { value: host, source }, label, target);
    }
  } catch (error) {
    target.faults.push(`${label} ${toFaultText(error)}`);
  }
}

function applyPart(name: 'host' | 'port', part: Found, label: string, { found, faults }: AddressTarget): void {
  const other = found.get(name);
  if (other?.source !== 'flag') {
    found.set(name, part);
  } else if (part.source === 'flag' && other.value !== part.value) {
    faults.push(`${label} and --${name} say different things; give one of them`);
  }
}

function toValues(found: ReadonlyMap<SettingName, Found>, paths: PathContext): SettingValues {
  const given = Object.fromEntries([...found].map(([name, { value }]) => [name, value])) as Partial<SettingValues>;
  const values = { ...defaultValues(paths), ...given };
  return { ...values, dataDir: given.dataDir ?? `${values.codexHome}/web-server` };
}

function toTokenRequest(env: Environment, values: SettingValues, faults: string[]): TokenRequest | null {
  const value = setting(env, 'CODEX_AUTH_TOKEN');
  const path = setting(env, 'CODEX_AUTH_TOKEN_FILE');
  if (value !== undefined && path !== undefined) {
    faults.push('CODEX_AUTH_TOKEN and CODEX_AUTH_TOKEN_FILE are both set; set one of them');
  } else if (value !== undefined) {
    const fault = findTokenFault(value);
    if (fault === null) {
      return { from: 'env', value };
    }
    faults.push(`CODEX_AUTH_TOKEN ${fault}`);
  } else if (path !== undefined) {
    return { from: 'file', path };
  } else if (isLoopbackHost(values.host)) {
    return { from: 'data-dir' };
  } else {
    faults.push(
      `CODEX_AUTH_TOKEN (or CODEX_AUTH_TOKEN_FILE) must be set, since ${values.host} can be reached from other machines`,
    );
  }
  return null;
}

/** Unset and empty are the same, as shells and container files can hardly tell them apart. */
function setting(env: Environment, name: string): string | undefined {
  const raw = env[name]?.trim();
  return raw === '' ? undefined : raw;
}

function withoutSecrets(env: Environment): Environment {
  return Object.freeze(Object.fromEntries(Object.entries(env).filter(([name]) => !OWN_SECRETS.includes(name))));
}
