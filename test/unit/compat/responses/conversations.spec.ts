import { toItemPage } from '../../../../src/compat/responses/from-core/item-page.js';
import { checkCalls } from '../../../../src/compat/responses/to-core/check-calls.js';
import { toContextHashes } from '../../../../src/compat/responses/to-core/context-hash.js';
import { toTurnStart } from '../../../../src/compat/responses/to-core/history.js';
import { type GivenItem, toGivenItems, toOwnItems } from '../../../../src/compat/responses/to-core/own-items.js';
import { type Item } from '../../../../src/compat/responses/store/response-record.js';

const items = (count: number): Item[] =>
  Array.from({ length: count }, (_, at) => ({ type: 'message', id: `m${String(at)}` }));
const call = (callId: string): GivenItem => ({
  item: { type: 'function_call', call_id: callId, name: 'get', arguments: '{}' },
  path: 'input[0]',
});
const output = (callId: string): GivenItem => ({
  item: { type: 'function_call_output', call_id: callId, output: 'x' },
  path: 'input[1]',
});

describe('pages of items', () => {
  it('begin with the newest, and go on from any', () => {
    const page = toItemPage(items(5), { limit: 2, after: 'm3' });
    expect(page).toEqual({
      object: 'list',
      data: items(5).slice(1, 3).reverse(),
      first_id: 'm2',
      last_id: 'm1',
      has_more: true,
    });
    expect(toItemPage(items(2), { order: 'asc' })).toMatchObject({ data: items(2), has_more: false });
    expect(toItemPage([], {})).toMatchObject({ data: [], first_id: null, last_id: null, has_more: false });
  });
});

describe('calls and outputs', () => {
  it('belong together, one to one', () => {
    expect(() => {
      checkCalls([call('a'), output('a'), output('b')], ['b']);
    }).not.toThrow();
  });

  it.each([
    [[output('a')], [], 'tool_call_not_found'],
    [[output('a'), output('a')], ['a'], 'tool_call_not_found'],
    [[call('a')], [], 'tool_output_not_found'],
    [[], ['a'], 'tool_output_not_found'],
    [[call('a'), call('a')], [], 'invalid_value'],
  ])('are refused otherwise: %j after %j', (given, pending, openAiCode) => {
    expect(() => {
      checkCalls(given, pending);
    }).toThrow(expect.objectContaining({ openAiCode }) as Error);
  });
});

describe('a conversation that is sent again', () => {
  const said: { role: 'assistant'; content: { type: 'output_text'; text: string }[] } = {
    role: 'assistant',
    content: [{ type: 'output_text', text: 'hi' }],
  };

  it('is known whatever its ids are', () => {
    const first = toOwnItems(
      toGivenItems(
        [
          { type: 'message', role: 'user', content: 'a' },
          { type: 'message', ...said },
        ],
        () => undefined,
      ),
    );
    const again = toOwnItems(
      toGivenItems(
        [
          { type: 'message', id: 'msg_1', role: 'user', content: [{ type: 'input_text', text: 'a' }] },
          { type: 'reasoning', summary: [] },
          { type: 'message', id: 'msg_2', status: 'completed', ...said },
        ],
        () => undefined,
      ),
    );
    expect(toContextHashes(again).at(-1)).toBe(toContextHashes(first).at(-1));
    expect(toContextHashes(first.slice(1), toContextHashes(first)[0]).at(-1)).toBe(toContextHashes(first).at(-1));
  });

  it('is another one when a word differs', () => {
    const hash = (text: string): string | undefined =>
      toContextHashes(toOwnItems(toGivenItems(text, () => undefined))).at(-1);
    expect(hash('a')).not.toBe(hash('b'));
  });
});

describe('the start of a turn', () => {
  const user = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }) as const;

  it('is what the user said last', () => {
    expect(toTurnStart([user('a'), user('b')])).toEqual({
      input: [{ type: 'text', text: 'b' }],
      injected: [user('a')],
    });
  });

  it('is the history alone where that ends with something else, or is too long for an input', () => {
    const outputs = [user('a'), { type: 'function_call_output', call_id: 'c', output: 'x' }] as const;
    expect(toTurnStart(outputs)).toEqual({ input: [], injected: outputs });
    const long = [user('x'.repeat(1_000_001))];
    expect(toTurnStart(long)).toEqual({ input: [], injected: long });
  });
});

it("leaves Codex's own items out, and puts what is referred to in its place", () => {
  const found: Item = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
  const given = toGivenItems([{ type: 'codex:command_execution' }, { type: 'item_reference', id: 'msg_1' }], (id) =>
    id === 'msg_1' ? found : undefined,
  );
  expect(given).toEqual([{ item: found, path: 'input[1]' }]);
  expect(() => toGivenItems([{ type: 'item_reference', id: 'none' }], () => undefined)).toThrow(
    expect.objectContaining({ openAiCode: 'item_not_found', param: 'input[0].id' }) as Error,
  );
});
