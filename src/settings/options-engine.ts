import { type OptionOf } from './option.js';
import { type EngineValues } from './settings.js';
import * as value from './value-parsers.js';

const MEBIBYTE = 1024 * 1024;
const HOUR_MS = 3_600_000;
const MIN_PERIOD_MS = 100;

/** Seconds to milliseconds: never so few that nothing else is done. */
const parsePeriod: value.ValueParser<number> = (raw, paths) => {
  const ms = value.parseSeconds(raw, paths);
  if (ms < MIN_PERIOD_MS) {
    throw new value.ValueFault(`must be a number of seconds from 0.1 to 86400, not "${raw}"`);
  }
  return ms;
};

const parseHours: value.ValueParser<number> = (raw, paths) =>
  value.parseInteger(0, 87_600, 'a number of hours')(raw, paths) * HOUR_MS;

/** How many engine processes there are, and when what they hold is let go of. */
export const ENGINE_OPTIONS = [
  {
    name: 'allowsAnyCodexVersion',
    flag: 'any-codex-version',
    env: ['CODEX_WEB_ANY_CODEX_VERSION'],
    help: 'start with an engine of another version than this server is made for',
    defaultHelp: 'off',
    parse: value.parseSwitch,
  },
  {
    name: 'engines',
    flag: 'engines',
    env: ['CODEX_WEB_ENGINES'],
    placeholder: 'COUNT',
    help: 'engine processes that the threads are spread over, 1 to 16',
    defaultHelp: '1',
    parse: value.parseInteger(1, 16, 'a number of processes'),
  },
  {
    name: 'idleThreadTimeoutMs',
    flag: 'idle-thread-timeout',
    env: ['CODEX_WEB_IDLE_THREAD_TIMEOUT'],
    placeholder: 'SECONDS',
    help: 'after how long a thread in which nothing happens leaves the memory; its next use brings it back',
    defaultHelp: '1800',
    parse: parsePeriod,
  },
  {
    name: 'engineMaxMemoryBytes',
    flag: 'engine-max-memory',
    env: ['CODEX_WEB_ENGINE_MAX_MEMORY'],
    placeholder: 'BYTES',
    help: 'memory past which an engine process is replaced between turns; 0: no limit',
    defaultHelp: String(2048 * MEBIBYTE),
    parse: value.parseInteger(0, 1024 * 1024 * MEBIBYTE, 'a number of bytes'),
  },
  {
    name: 'engineMaxChildren',
    flag: 'engine-max-children',
    env: ['CODEX_WEB_ENGINE_MAX_CHILDREN'],
    placeholder: 'COUNT',
    help: 'child processes of an engine process, past which it is replaced between turns; 0: no limit',
    defaultHelp: '1000',
    parse: value.parseInteger(0, 1_000_000, 'a number of processes'),
  },
  {
    name: 'engineMaxAgeMs',
    flag: 'engine-max-age',
    env: ['CODEX_WEB_ENGINE_MAX_AGE'],
    placeholder: 'HOURS',
    help: 'age at which an engine process is replaced between turns; 0: no limit',
    defaultHelp: '0',
    parse: parseHours,
  },
  {
    name: 'engineCheckIntervalMs',
    flag: 'engine-check-interval',
    env: ['CODEX_WEB_ENGINE_CHECK_INTERVAL'],
    placeholder: 'SECONDS',
    help: "how often the engine's memory and children are looked at",
    defaultHelp: '30',
    parse: parsePeriod,
  },
] satisfies readonly OptionOf[];

export function defaultEngine(): EngineValues {
  return {
    allowsAnyCodexVersion: false,
    engines: 1,
    idleThreadTimeoutMs: 1_800_000,
    engineMaxMemoryBytes: 2048 * MEBIBYTE,
    engineMaxChildren: 1000,
    engineMaxAgeMs: 0,
    engineCheckIntervalMs: 30_000,
  };
}
