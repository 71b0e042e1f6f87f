import { toServiceEvent } from '../../../../src/core/events/catalogue.js';
import { type Payload } from '../../../../src/core/engine/engine.js';
import { ItemIds, toItemIds } from '../../../../src/core/turns/item-ids.js';

const TURN = '5d1fb1a6-3a39-4a6e-9a53-0123456789ab';
const NEXT = '5d1fb1a6-3a39-4a6e-9a53-ba9876543210';

describe('ItemIds', () => {
  let ids: ItemIds;

  beforeEach(() => {
    ids = new ItemIds();
  });

  const translate = (name: string, turnId: string, payload: Payload): Payload =>
    ids.translate(turnId, toServiceEvent(name, payload)).payload;
  const tell = (name: string, item: Payload, turnId = TURN): unknown =>
    (translate(name, turnId, { item: { type: 'agent_message', ...item } }).item as Payload).id;
  const start = (id: string, more: Payload = {}, turnId = TURN): unknown =>
    tell('item/started', { id, ...more }, turnId);
  const complete = (id: string, more: Payload = {}, turnId = TURN): unknown =>
    tell('item/completed', { id, ...more }, turnId);
  const speakOf = (id: string): unknown =>
    translate('item/agentMessage/delta', TURN, { item_id: id, delta: '' }).item_id;
  const call = (callId: string, turnId = TURN): unknown =>
    (
      translate('rawResponseItem/completed', turnId, { item: { type: 'function_call', call_id: callId } })
        .item as Payload
    ).call_id;
  const output = (callId: string): unknown =>
    (
      translate('rawResponseItem/completed', TURN, { item: { type: 'function_call_output', call_id: callId } })
        .item as Payload
    ).call_id;

  it('leaves a random id, and all that is said under it, as it is', () => {
    for (const id of [
      'msg_68b1f0c2e4d48190a1b2',
      '01a220d6-2b70-7452-bdf5-f47036c8fc27',
      'call_d9734e292bd544a89dc0611f950b1fa7',
    ]) {
      const payload = { item: { id, type: 'agent_message' } };
      expect(translate('item/started', TURN, payload)).toBe(payload);
      const delta = { item_id: id, delta: 'x' };
      expect(translate('item/agentMessage/delta', TURN, delta)).toBe(delta);
    }
  });

  it('makes a counted id one of its turn, and tells apart what has it again', () => {
    expect([start('msg_0'), speakOf('msg_0'), complete('msg_0')]).toEqual(Array(3).fill('msg_0_0123456789ab'));
    expect([start('msg_0'), speakOf('msg_0'), complete('msg_0')]).toEqual(Array(3).fill('msg_0_0123456789ab_2'));
    expect([start('msg_0', {}, NEXT), complete('msg_0', {}, NEXT)]).toEqual(Array(2).fill('msg_0_ba9876543210'));
    expect(complete('plan')).toBe('plan_0123456789ab');
    expect([getCurrentWeather(), getCurrentWeather()]).toEqual([
      'functions.getCurrentWeatherForecast:0_0123456789ab',
      'functions.getCurrentWeatherForecast:0_0123456789ab_2',
    ]);
  });

  const getCurrentWeather = (): unknown => complete('functions.getCurrentWeatherForecast:0');

  it('tells apart commands of one id that run at once, by what they run', () => {
    const first = { type: 'command_execution', command: 'echo 1' };
    const second = { type: 'command_execution', command: 'echo 2' };
    expect([start('run:0', first), start('run:0', second)]).toEqual(['run:0_0123456789ab', 'run:0_0123456789ab_2']);
    expect(ids.ask(TURN, 'run:0', { item_id: 'run:0' })).toEqual({
      itemId: 'run:0_0123456789ab',
      payload: { item_id: 'run:0_0123456789ab' },
    });
    expect(ids.ask(TURN, 'run:0', {}).itemId).toBe('run:0_0123456789ab_2');
    expect([complete('run:0', second), complete('run:0', first)]).toEqual([
      'run:0_0123456789ab_2',
      'run:0_0123456789ab',
    ]);
  });

  it('knows a call as what the model announced, also after calls that came to no item', () => {
    expect([call('f:0'), output('f:0')]).toEqual(['f:0_0123456789ab', 'f:0_0123456789ab']);
    expect(call('f:0')).toBe('f:0_0123456789ab_2');
    expect(start('f:0', { type: 'dynamic_tool_call' })).toBe('f:0_0123456789ab_2');
    expect(ids.ask(TURN, 'f:0', { call_id: 'f:0', tool: 'f' })).toEqual({
      itemId: 'f:0_0123456789ab_2',
      payload: { call_id: 'f:0_0123456789ab_2', tool: 'f' },
    });
    expect([complete('f:0', { type: 'dynamic_tool_call' }), output('f:0')]).toEqual(
      Array(2).fill('f:0_0123456789ab_2'),
    );
  });

  it('gives up what a model was saying, and not what runs', () => {
    start('msg_1', { type: 'agent_message' });
    complete('msg_1', { type: 'agent_message' });
    start('run:0', { type: 'command_execution' });
    start('msg_0', { type: 'agent_message' });
    expect(ids.abandon(TURN).map(({ itemId, type }) => [itemId, type])).toEqual([
      ['msg_0_0123456789ab', 'agent_message'],
    ]);
    expect([ids.abandon(TURN), ids.abandon(NEXT)]).toEqual([[], []]);
    expect(start('msg_0', { type: 'agent_message' })).toBe('msg_0_0123456789ab_2');
  });

  it('knows an item that ends late, however many turns came after', () => {
    start('run:0');
    complete('run:0');
    start('run:0');
    for (const turnId of [TURN, NEXT, 'third']) {
      ids.endTurn(turnId);
    }
    expect(complete('run:0')).toBe('run:0_0123456789ab_2');
  });

  it('names the last message of a turn in its summary', () => {
    start('msg_0');
    complete('msg_0');
    start('msg_0');
    complete('msg_0');
    const { turn } = translate('turn/completed', TURN, { turn: { items: [{ id: 'msg_0' }] } });
    expect(turn).toEqual({ items: [{ id: 'msg_0_0123456789ab_2' }] });
  });

  it('tells apart the items of a turn that is read as a whole', () => {
    expect(toItemIds(['a', 'b', 'a', 'a'])).toEqual(['a', 'b', 'a_2', 'a_3']);
  });
});
