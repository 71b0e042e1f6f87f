import { toServiceEvent } from '../../../../src/core/events/catalogue.js';
import { type TurnEvent } from '../../../../src/core/turns/turn-event.js';
import { toDynamicTools, toCallerToolName, toEngineToolName } from '../../../../src/core/turns/caller-tools.js';
import { toEngineHistory, toToolContent } from '../../../../src/core/turns/history-items.js';
import { OutputBudget } from '../../../../src/core/turns/output-budget.js';
import { UsageMeter } from '../../../../src/core/turns/turn-usage.js';

describe('names of functions', () => {
  it.each(['get_weather', 'exec_command', 'caller__mine', 'apply_patch'])('come back as they were: %s', (name) => {
    expect(toCallerToolName(toEngineToolName(name))).toBe(name);
  });

  it("never clash with the engine's own", () => {
    expect(toDynamicTools([{ name: 'exec_command' }, { name: 'mine', parameters: { type: 'object' } }])).toEqual([
      {
        type: 'function',
        name: 'caller__exec_command',
        description: '',
        input_schema: { type: 'object', properties: {} },
      },
      { type: 'function', name: 'mine', description: '', input_schema: { type: 'object' } },
    ]);
  });
});

describe('history', () => {
  it('is told in the words of the engine', () => {
    expect(
      toEngineHistory([
        { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'Be kind.' }] },
        { type: 'function_call', call_id: 'c1', name: 'apply_patch', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'done' },
      ]),
    ).toEqual([
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be kind.' }] },
      { type: 'function_call', call_id: 'c1', name: 'caller__apply_patch', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'done' },
    ]);
  });

  it('turns an output into the answer to a parked call', () => {
    expect(toToolContent('sunny')).toEqual([{ type: 'text', text: 'sunny' }]);
    expect(
      toToolContent([
        { type: 'input_text', text: 'a' },
        { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
      ]),
    ).toEqual([
      { type: 'text', text: 'a' },
      { type: 'image', image_url: 'data:image/png;base64,AA==' },
    ]);
  });
});

describe('a budget of tokens', () => {
  it('lets through what fits, and cuts between characters', () => {
    const budget = new OutputBudget(2);
    expect([budget.take('abcd'), budget.isUsedUp]).toEqual(['abcd', false]);
    expect([budget.take('ééé'), budget.isUsedUp]).toEqual(['éé', true]);
    expect(budget.take('more')).toBe('');
  });
});

describe('usage', () => {
  const event = (name: string, payload: Record<string, unknown>): TurnEvent => ({
    ...toServiceEvent(name, payload),
    ...{ seq: 1, emittedAtMs: 0 },
  });
  const call = { input_tokens: 10, cached_input_tokens: 4, output_tokens: 3, total_tokens: 13 };

  it('adds up the model calls that the engine tells of, and counts none twice', () => {
    const meter = new UsageMeter();
    expect(meter.total).toBeUndefined();
    for (const outputTokens of [1, 2]) {
      meter.take(
        event('rawResponse/completed', { usage: { ...call, output_tokens: outputTokens, reasoning_output_tokens: 1 } }),
      );
      meter.take(event('thread/tokenUsage/updated', { token_usage: { last: call } }));
    }
    const sums = { inputTokens: 20, cachedInputTokens: 8, outputTokens: 3, reasoningOutputTokens: 2, totalTokens: 26 };
    expect(meter.total).toEqual(sums);
  });

  it('takes the count of the thread where nothing else is told', () => {
    const meter = new UsageMeter();
    meter.take(event('thread/tokenUsage/updated', { token_usage: { last: call } }));
    expect(meter.total).toMatchObject({ inputTokens: 10, totalTokens: 13 });
  });
});
