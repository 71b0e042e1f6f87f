import { SERVER_NOTIFICATIONS, SERVER_REQUESTS } from '../../../../src/codex/protocol/generated/methods.js';
import { EVENT_NAMES, toServiceEvent } from '../../../../src/core/events/catalogue.js';

/** What the service says of its own accord. */
const OWN = [
  'approval/expired',
  'approval/resolved',
  'engine/restarted',
  'item/abandoned',
  'turn/cancelled',
  'turn/queued',
];

it('names what the engine says by names that the engine has', () => {
  const engines = new Set([...Object.keys(SERVER_NOTIFICATIONS), ...Object.keys(SERVER_REQUESTS)]);
  expect(EVENT_NAMES.filter((name) => !engines.has(name)).sort()).toEqual(OWN);
});

it.each<[string, Record<string, unknown>, string]>([
  ['item/started', { item: { id: 'i', type: 'plan' } }, 'item/started'],
  ['item/started', { item: { id: 'i' } }, 'opaque'],
  ['item/started', {}, 'opaque'],
  ['item/agentMessage/delta', { item_id: 'i', delta: 'x' }, 'item/agentMessage/delta'],
  ['item/agentMessage/delta', { item_id: 'i', delta: null }, 'opaque'],
  // However little is known of it, a turn's end is its end.
  ['turn/completed', {}, 'turn/completed'],
  ['thread/invented', { a: 1 }, 'opaque'],
  ['toString', {}, 'opaque'],
])('%s with %j is %s, and is told as it came', (name, payload, type) => {
  const event = toServiceEvent(name, payload);
  expect(event).toEqual({ type, name, payload });
  expect(event.payload).toBe(payload);
});
