import { toServiceEvent } from '../../../../src/core/events/catalogue.js';
import { type StoredEvent, toStoredEvent } from '../../../../src/core/events/event.js';
import { toRedactedLog } from '../../../../src/core/feedback/redacted-log.js';

const AT = { ms: 1_767_000_000_123, iso: new Date(1_767_000_000_123).toISOString() };
const SECRET = 'sk-secret from /home/ann';

function event(name: string, payload: Record<string, unknown>, seq = 1): StoredEvent {
  return toStoredEvent({ threadId: 'thread_1', turnId: 'turn-1', event: toServiceEvent(name, payload) }, seq, seq, AT);
}

const linesOf = (...events: StoredEvent[]): unknown[] =>
  toRedactedLog(events)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

const head = (name: string): object => ({ seq: 1, event: name, emitted_at: AT.iso, turn_id: 'turn-1' });

describe('toRedactedLog', () => {
  it('tells of an item what it is and how it ended, not what is in it', () => {
    const item = {
      id: 'call_1',
      type: 'command_execution',
      status: 'failed',
      exit_code: 1,
      duration_ms: 12,
      command: SECRET,
      cwd: SECRET,
      aggregated_output: SECRET,
    };
    expect(linesOf(event('item/completed', { item, thread_id: 'x' }))).toEqual([
      {
        ...head('item/completed'),
        item: { id: 'call_1', type: 'command_execution', status: 'failed', exit_code: 1, duration_ms: 12 },
      },
    ]);
  });

  it('tells of a turn and of an approval how they ended', () => {
    const turn = { id: 'turn-1', status: 'failed', duration_ms: 3, error: { message: SECRET }, items: [SECRET] };
    const approval = { approval_id: 'a-1', item_id: 'call_1', kind: 'permissions', status: 'answered', reason: SECRET };
    expect(linesOf(event('turn/completed', { turn }), event('approval/resolved', approval))).toEqual([
      { ...head('turn/completed'), turn: { id: 'turn-1', status: 'failed', duration_ms: 3 } },
      {
        ...head('approval/resolved'),
        approval_id: 'a-1',
        item_id: 'call_1',
        kind: 'permissions',
        status: 'answered',
      },
    ]);
  });

  it('leaves out a value that is more than a word, a name or a number, wherever it stands', () => {
    const odd = { status: SECRET, kind: { text: SECRET }, decision: ['x'], item_id: SECRET, queue_position: 'first' };
    const item = { id: '../../etc', type: 'Say hello', status: null, exit_code: SECRET };
    expect(linesOf(event('error', { ...odd, item, turn: SECRET, message: SECRET }))).toEqual([
      { ...head('error'), item: {} },
    ]);
  });

  it('leaves out deltas, which are nothing but text', () => {
    expect(toRedactedLog([event('item/agentMessage/delta', { delta: SECRET })])).toBe('');
    expect(toRedactedLog([event('item/commandExecution/outputDelta', { delta: SECRET })])).toBe('');
  });

  it('tells of a large event only that it was there', () => {
    const large = event('turn/diff/updated', { diff: SECRET.repeat(5000), status: 'completed' });
    expect(linesOf(large)).toEqual([head('turn/diff/updated')]);
  });
});
