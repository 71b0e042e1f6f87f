import { type StoredEvent } from '../events/event.js';

type Fields = Readonly<Record<string, unknown>>;

/** Words of a closed vocabulary, ids and numbers: nothing that a user, a model or a command wrote. */
const WORD = /^[A-Za-z][A-Za-z_]{0,63}$/;
const ID = /^[\w-]{1,100}$/;

const ENVELOPE = { seq: 'number', event: 'name', emitted_at: 'time', turn_id: 'id' } as const;
const PARTS = {
  item_id: 'id',
  approval_id: 'id',
  kind: 'word',
  status: 'word',
  decision: 'word',
  will_retry: 'flag',
  queue_position: 'number',
} as const;
const ITEM = { id: 'id', type: 'word', status: 'word', exit_code: 'number', duration_ms: 'number' } as const;
const TURN = { id: 'id', status: 'word', duration_ms: 'number' } as const;

const CHECKS = {
  number: (value: unknown) => typeof value === 'number',
  flag: (value: unknown) => typeof value === 'boolean',
  word: (value: unknown) => typeof value === 'string' && WORD.test(value),
  id: (value: unknown) => typeof value === 'string' && ID.test(value),
  name: (value: unknown) => typeof value === 'string' && /^[\w/]{1,100}$/.test(value),
  time: (value: unknown) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
} satisfies Record<string, (value: unknown) => boolean>;

/**
 * What happened, without what was said: one JSON object a line with the event's number, name, time and turn, and of its
 * item, turn or approval the id, type, status, decision, exit code and duration. It is a list of what may stay, so text,
 * commands, paths, arguments, output and settings are left out whatever events there will be. Deltas are nothing but
 * text, and are left out whole.
 */
export function toRedactedLog(events: readonly StoredEvent[]): string {
  return events
    .filter(({ name }) => !name.endsWith('elta'))
    .map(({ data }) => `${JSON.stringify(toLine(JSON.parse(data) as Fields))}\n`)
    .join('');
}

function toLine(event: Fields): Fields {
  const item = pick(event.item, ITEM);
  const turn = pick(event.turn, TURN);
  return { ...pick(event, ENVELOPE), ...pick(event, PARTS), ...(item && { item }), ...(turn && { turn }) };
}

function pick(value: unknown, keys: Readonly<Record<string, keyof typeof CHECKS>>): Fields | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const fields = value as Fields;
  const kept = Object.entries(keys).filter(([key, check]) => CHECKS[check](fields[key]));
  return Object.fromEntries(kept.map(([key]) => [key, fields[key]]));
}
