import { type OptionOf } from './option.js';
import { type RetentionValues } from './settings.js';
import * as value from './value-parsers.js';

const GIBIBYTE = 1024 ** 3;

/** What is kept for how long; threads, turns and items are kept whatever these say. */
export const RETENTION_OPTIONS = [
  {
    name: 'eventRetentionMs',
    flag: 'event-retention',
    env: ['CODEX_WEB_EVENT_RETENTION'],
    placeholder: 'DAYS',
    help: 'how long events are kept for replay',
    defaultHelp: '90',
    parse: value.parseDays,
  },
  {
    name: 'maxEventsPerThread',
    flag: 'event-retention-count',
    env: ['CODEX_WEB_EVENT_RETENTION_COUNT'],
    placeholder: 'COUNT',
    help: 'how many events of a thread are kept, the latest ones',
    defaultHelp: '1000000',
    parse: value.parseInteger(1, 1_000_000_000, 'a number of events'),
  },
  {
    name: 'maxEventBytes',
    flag: 'event-retention-bytes',
    env: ['CODEX_WEB_EVENT_RETENTION_BYTES'],
    placeholder: 'BYTES',
    help: 'how much room the events of all threads may take',
    defaultHelp: String(10 * GIBIBYTE),
    parse: value.parseInteger(1024, 1024 * 1024 * GIBIBYTE, 'a number of bytes'),
  },
  {
    name: 'responseRetentionMs',
    flag: 'response-retention',
    env: ['CODEX_WEB_RESPONSE_RETENTION'],
    placeholder: 'DAYS',
    help: 'how long responses and conversations under /v1 are kept',
    defaultHelp: '30',
    parse: value.parseDays,
  },
] satisfies readonly OptionOf[];

export function defaultRetention(): RetentionValues {
  return {
    eventRetentionMs: 90 * 86_400_000,
    maxEventsPerThread: 1_000_000,
    maxEventBytes: 10 * GIBIBYTE,
    responseRetentionMs: 30 * 86_400_000,
  };
}
