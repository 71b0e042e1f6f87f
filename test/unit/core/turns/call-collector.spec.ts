import { toServiceEvent } from '../../../../src/core/events/catalogue.js';
import { CallCollector } from '../../../../src/core/turns/call-collector.js';
import { type TurnEvent } from '../../../../src/core/turns/turn-event.js';

const event = (name: string, payload: Record<string, unknown>): TurnEvent => ({
  ...toServiceEvent(name, payload),
  ...{ seq: 1, emittedAtMs: 0 },
});

const announced = (callId: string, name = 'get_a'): TurnEvent =>
  event('rawResponseItem/completed', {
    item: { type: 'function_call', id: `fc_${callId}`, call_id: callId, name, arguments: '{"q": 1}' },
  });
const asked = (callId: string, tool = 'get_a'): TurnEvent =>
  event('item/tool/call', { call_id: callId, tool, arguments: { q: 1 } });
const resolved = (callId: string): TurnEvent => event('approval/resolved', { kind: 'tool_call', item_id: callId });
const modelDone = event('rawResponse/completed', {});
const command = (name: 'item/started' | 'item/completed'): TurnEvent =>
  event(name, { item: { id: 'cmd', type: 'command_execution' } });
const message = (name: 'item/started' | 'item/completed'): TurnEvent =>
  event(name, { item: { id: 'msg', type: 'agent_message' } });

function gather(...events: TurnEvent[]): CallCollector {
  const gathering = new CallCollector(new Set(['get_a', 'get_b', 'caller__exec_command']));
  for (const one of events) {
    gathering.take(one);
  }
  return gathering;
}

it('waits for nothing while the model has called nothing', () => {
  expect(gather(modelDone).readiness).toBe('not');
});

it('is ready as soon as all calls of a finished model response were asked for', () => {
  const events = [announced('c1'), asked('c1'), announced('c2', 'get_b'), modelDone];
  expect(gather(...events).readiness).toBe('when_quiet');
  const whole = gather(...events, asked('c2', 'get_b'));
  expect(whole.readiness).toBe('now');
  expect(whole.calls).toEqual([
    { callId: 'c1', itemId: 'fc_c1', name: 'get_a', arguments: '{"q": 1}' },
    { callId: 'c2', itemId: 'fc_c2', name: 'get_b', arguments: '{"q": 1}' },
  ]);
});

it('expects further calls for as long as the model speaks', () => {
  const gathering = gather(announced('c1'), asked('c1'));
  expect(gathering.readiness).toBe('when_silent');
  gathering.take(message('item/started'));
  gathering.take(modelDone);
  expect(gathering.readiness).toBe('now');
});

it('lets the model finish what it says also where the engine tells no more than that', () => {
  const gathering = gather(asked('c1'), message('item/started'));
  expect(gathering.readiness).toBe('when_silent');
  gathering.take(message('item/completed'));
  expect(gathering.readiness).toBe('when_quiet');
});

it('can only wait for quiet where the engine does not tell what the model said', () => {
  const gathering = gather(asked('c1'));
  expect(gathering.readiness).toBe('when_quiet');
  expect(gathering.calls).toEqual([{ callId: 'c1', itemId: 'c1', name: 'get_a', arguments: '{"q":1}' }]);
});

it('lets the engine finish what it does itself first', () => {
  const events = [announced('c1'), asked('c1'), command('item/started'), modelDone];
  expect(gather(...events).readiness).toBe('not');
  expect(gather(...events, command('item/completed')).readiness).toBe('now');
});

it('forgets a call that was answered', () => {
  expect(gather(announced('c1'), asked('c1'), modelDone, resolved('c1')).readiness).toBe('not');
});

it("leaves the engine's own functions out", () => {
  expect(gather(announced('c1', 'exec_command'), modelDone).calls).toEqual([]);
});

it('calls a function by the name that its caller gave it', () => {
  const gathering = gather(announced('c1', 'caller__exec_command'), modelDone);
  expect(gathering.calls.map(({ name }) => name)).toEqual(['exec_command']);
});
