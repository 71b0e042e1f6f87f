import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { isIP } from 'node:net';

/** What a relative path and `~` mean. */
export interface PathContext {
  readonly cwd: string;
  readonly homeDir: string;
}

export const processPaths = (): PathContext => ({ cwd: process.cwd(), homeDir: homedir() });

/** Says what would be right; the caller puts the flag's or variable's name before it. */
export class ValueFault extends Error {}

/** `readonly` in, so that a table of parsers stays assignable. Each throws `ValueFault`. */
export type ValueParser<T> = (raw: string, paths: PathContext) => T;

export const parseText: ValueParser<string> = (raw) => raw;

export const parsePath: ValueParser<string> = (raw, { cwd, homeDir }) =>
  resolve(cwd, raw === '~' || raw.startsWith('~/') ? homeDir + raw.slice(1) : raw);

export function parseInteger(from: number, to: number, noun: string): ValueParser<number> {
  return (raw) => {
    const value = /^\d{1,15}$/.test(raw) ? Number(raw) : Number.NaN;
    if (!(value >= from && value <= to)) {
      throw new ValueFault(`must be ${noun} from ${String(from)} to ${String(to)}, not "${raw}"`);
    }
    return value;
  };
}

/** Seconds, fractions too, to milliseconds. At most a day, so that no timer overflows. */
export const parseSeconds: ValueParser<number> = (raw) => {
  const seconds = /^\d{1,6}(\.\d{1,3})?$/.test(raw) ? Number(raw) : Number.NaN;
  if (!(seconds <= 86_400)) {
    throw new ValueFault(`must be a number of seconds from 0 to 86400, not "${raw}"`);
  }
  return Math.round(seconds * 1000);
};

/** The same for a wait that nobody may switch off by a zero: from one second to an hour. */
export const parseWait: ValueParser<number> = (raw, paths) => {
  const ms = /^\d{1,6}(\.\d{1,3})?$/.test(raw) ? parseSeconds(raw, paths) : Number.NaN;
  if (!(ms >= 1000 && ms <= 3_600_000)) {
    throw new ValueFault(`must be a number of seconds from 1 to 3600, not "${raw}"`);
  }
  return ms;
};

/** Whole days to milliseconds; at most ten years. */
export const parseDays: ValueParser<number> = (raw, paths) =>
  parseInteger(1, 3650, 'a number of days')(raw, paths) * 86_400_000;

export function parseChoice<T extends string>(choices: readonly T[]): ValueParser<T> {
  return (raw) => {
    const found = choices.find((choice) => choice === raw.toLowerCase());
    if (found === undefined) {
      throw new ValueFault(`must be one of ${choices.join(', ')}, not "${raw}"`);
    }
    return found;
  };
}

/** Other programs' words for some levels are understood too. */
export function parseLogLevel<T extends string>(levels: readonly T[]): ValueParser<T> {
  const parse = parseChoice(levels);
  return (raw, paths) => {
    const level = LEVEL_WORDS[raw.toLowerCase()];
    return parse(level ?? raw, paths);
  };
}

const LEVEL_WORDS: Readonly<Record<string, string>> = { warning: 'warn', critical: 'fatal', off: 'silent' };

export const parseSwitch: ValueParser<boolean> = (raw) => {
  const word = raw.toLowerCase();
  if (['on', 'true', '1', 'yes'].includes(word)) {
    return true;
  }
  if (['off', 'false', '0', 'no'].includes(word)) {
    return false;
  }
  throw new ValueFault(`must be on or off, not "${raw}"`);
};

/** A comma list of some of `choices`, or `all`. Never empty. */
export function parseSubset<T extends string>(choices: readonly T[]): ValueParser<readonly T[]> {
  const parseOne = parseChoice(choices);
  return (raw, paths) => {
    const words = splitList(raw, ',');
    if (words.length === 0) {
      throw new ValueFault(`must name at least one of ${choices.join(', ')}, or all`);
    }
    return words.includes('all') ? choices : [...new Set(words.map((word) => parseOne(word, paths)))];
  };
}

const HOSTNAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

/** An address or name to bind, IPv6 with or without brackets; brackets are taken off. */
export const parseHost: ValueParser<string> = (raw) => {
  const bare = raw.startsWith('[') && raw.endsWith(']') ? raw.slice(1, -1) : raw;
  if (isIP(bare) === 0 && !HOSTNAME.test(bare)) {
    throw new ValueFault(`must be an address or a host name, not "${raw}"`);
  }
  return bare.toLowerCase();
};

export const parsePort = parseInteger(0, 65_535, 'a port');

/** `host:port`, `[v6]:port` or `:port` (every interface's loopback default is kept then). */
export function parseAddress(raw: string, paths: PathContext): { host: string | undefined; port: number } {
  const match = /^(\[[^\]]+\]|[^:]*):(\d+)$/.exec(raw);
  if (match?.[2] === undefined) {
    throw new ValueFault(`must be host:port, such as 127.0.0.1:3000 or [::1]:3000, not "${raw}"`);
  }
  const host = match[1] ?? '';
  return { host: host === '' ? undefined : parseHost(host, paths), port: parsePort(match[2], paths) };
}

/** What a client may send in `Host`: a name or an address, maybe with a port. */
export const parseHostHeader: ValueParser<string> = (raw, paths) => {
  const match = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(raw);
  if (match?.[1] === undefined) {
    throw new ValueFault(`must be a host or host:port, without a scheme or path, not "${raw}"`);
  }
  parseHost(match[1], paths);
  return raw.toLowerCase();
};

export const parseOrigin: ValueParser<string> = (raw) => {
  if (!URL.canParse(raw) || new URL(raw).origin !== raw.toLowerCase()) {
    throw new ValueFault(`must be an origin such as https://app.example.com, without a path, not "${raw}"`);
  }
  return raw.toLowerCase();
};

export const parseHttpUrl: ValueParser<string> = (raw) => {
  if (!URL.canParse(raw) || !['http:', 'https:'].includes(new URL(raw).protocol)) {
    throw new ValueFault(`must be an address such as http://127.0.0.1:4318, not "${raw}"`);
  }
  return raw;
};

/**
 * `a=1,b=two%20words`, as OpenTelemetry writes headers (W3C Baggage without its properties). A fault never shows them:
 * the values may be secret.
 */
export const parseHeaderList: ValueParser<Readonly<Record<string, string>>> = (raw) => {
  const headers: Record<string, string> = {};
  for (const pair of splitList(raw, ',')) {
    const [, name = '', text = ''] = /^([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*)$/.exec(pair) ?? [];
    if (name === '' || !/^(?:[^%]|%[0-9a-f]{2})*$/i.test(text)) {
      throw new ValueFault('must be a list such as name=value,other=value, with percent-encoded values');
    }
    headers[name] = decodeURIComponent(text);
  }
  return headers;
};

export function splitList(raw: string, separator: string): string[] {
  return raw
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** 127.0.0.0/8, ::1 and localhost: reachable from this machine only. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** As Sentry takes it: `https://KEY@HOST/PROJECT`. What is wrong is told without the value, which is a secret. */
const DSN = /^https?:\/\/\w+(?::\w*)?@(?:\[[:.%\w]+\]|[\w.-]+)(?::\d+)?\/\S+$/;

export const parseDsn: ValueParser<string> = (raw) => {
  if (!DSN.test(raw)) {
    throw new ValueFault('is not valid: it must be a DSN of Sentry, https://KEY@HOST/PROJECT');
  }
  return raw;
};
