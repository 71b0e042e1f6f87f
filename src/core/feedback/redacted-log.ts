import { type StoredEvent } from '../events/event.js';

type Fields = Readonly<Record<string, unknown>>;

/** Words of a closed vocabulary, ids and numbers: nothing that a user, a model or a command wrote. */
const WORD = /^[A-Za-z][A-Za-z_]{0,63}$/;
const ID = /^[\w-]{1,100}$/;
/** A larger event, such as a diff, is told by its envelope alone, so that nothing else waits for its parsing. */
const MAX_PARSED_CHARACTERS = 32 * 1024;

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
    .map((event) => `${JSON.stringify(toLine(event))}\n`)
    .join('');
}

function toLine({ seq, name, emittedAtMs, turnId, data }: StoredEvent): Fields {
  const payload = data.length > MAX_PARSED_CHARACTERS ? {} : (JSON.parse(data) as Fields);
  const item = pick(payload.item, ITEM);
  const turn = pick(payload.turn, TURN);
  return {
    seq,
    event: name,
    emitted_at: new Date(emittedAtMs).toISOString(),
    turn_id: turnId,
    ...pick(payload, PARTS),
    ...(item && { item }),
    ...(turn && { turn }),
  };
}

function pick(value: unknown, keys: Readonly<Record<string, keyof typeof CHECKS>>): Fields | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const fields = value as Fields;
  const kept = Object.entries(keys).filter(([key, check]) => CHECKS[check](fields[key]));
  return Object.fromEntries(kept.map(([key]) => [key, fields[key]]));
}
