import { ResponseFold } from '../../../../src/compat/responses/from-core/response-fold.js';
import { type StreamEvent } from '../../../../src/compat/responses/from-core/stream-event.js';
import { type FoldOptions } from '../../../../src/compat/responses/store/response-record.js';
import { type TurnEvent } from '../../../../src/core/turns/turn-event.js';
import { FOLD, turnEvent } from './records.js';

const HEAD = { id: 'resp_1', object: 'response', status: 'in_progress', output: [], usage: null };

const started = (item: object): TurnEvent => turnEvent('item/started', { item });
const completed = (item: object): TurnEvent => turnEvent('item/completed', { item });
const delta = (text: string): TurnEvent => turnEvent('item/agentMessage/delta', { item_id: 'm1', delta: text });
const message = (text: string): object => ({ type: 'agent_message', id: 'm1', text, phase: null });
const turnEnd = (status: string, error: unknown = null): TurnEvent =>
  turnEvent('turn/completed', { turn: { status, error } });

function fold(events: readonly TurnEvent[], options: Partial<FoldOptions> = {}): StreamEvent[] {
  const made = new ResponseFold(HEAD, { ...FOLD, ...options });
  return [...made.begin(), ...events.flatMap((event) => made.take(event))];
}

const types = (events: readonly StreamEvent[]): string[] => events.map(({ type }) => type);
const finalOf = (events: readonly StreamEvent[]): Record<string, unknown> =>
  events.at(-1)?.response as Record<string, unknown>;

it('tells a message from its beginning to its end, and numbers all events', () => {
  const events = fold([started(message('')), delta('a'), delta('b'), completed(message('ab')), turnEnd('completed')]);
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // Whoever reads it later is told what was known when it was told.
  expect(events[0]?.response).toMatchObject({ status: 'in_progress', output: [] });
  expect(types(events).slice(2)).toEqual([
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  const content = [{ type: 'output_text', text: 'ab', annotations: [], logprobs: [] }];
  const item = { type: 'message', id: 'm1', role: 'assistant', status: 'completed', content };
  expect(events.at(-2)?.item).toEqual(item);
  expect(finalOf(events)).toMatchObject({ status: 'completed', completed_at: 5, output: [item], error: null });
});

it('tells in one piece what the engine tells in one piece', () => {
  const events = fold([completed({ ...message('whole'), phase: 'final_answer' }), turnEnd('completed')]);
  expect(events.find(({ type }) => type === 'response.output_text.delta')?.delta).toBe('whole');
  expect(events.at(-2)?.item).toMatchObject({ phase: 'final_answer', status: 'completed' });
});

it('leaves a message that was broken off as it stands', () => {
  const events = fold([started(message('')), delta('half'), turnEnd('interrupted')]);
  expect(finalOf(events)).toMatchObject({ status: 'cancelled', completed_at: null });
  expect(events.at(-2)?.item).toMatchObject({ status: 'incomplete', content: [{ text: 'half' }] });
  expect(events.at(-1)?.type).toBe('response.incomplete');
});

it('tells apart who ended a turn', () => {
  const lost = fold([turnEvent('engine/restarted'), turnEnd('interrupted')]);
  expect(finalOf(lost)).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
  const failed = fold([turnEnd('failed', { message: 'last status: 429', codex_error_info: null })]);
  expect(finalOf(failed)).toMatchObject({ error: { code: 'rate_limit_exceeded', message: 'last status: 429' } });
  const bad = fold([turnEnd('failed', { message: 'No.', codex_error_info: 'bad_request' })]);
  expect(finalOf(bad)).toMatchObject({ error: { code: 'invalid_prompt', message: 'No.' } });
});

it('fails without the call that was demanded, and not with it', () => {
  const said = [completed(message('No.')), turnEnd('completed')];
  expect(finalOf(fold(said, { mustCall: true }))).toMatchObject({
    status: 'failed',
    error: { code: 'tool_choice_not_followed' },
    output: [{ type: 'message' }],
  });
  const made = new ResponseFold(HEAD, { ...FOLD, mustCall: true });
  made.park([{ callId: 'c1', itemId: 'c1', name: 'get', arguments: '{}' }], 0);
  expect(made.status).toBe('completed');
});

it('gives a thought its encrypted form where that is wanted', () => {
  const thought = { type: 'reasoning', id: 'r1', summary: ['so'], content: [] };
  const raw = turnEvent('rawResponseItem/completed', { item: { type: 'reasoning', encrypted_content: 'sealed' } });
  const events = [started(thought), completed(thought), raw, completed(message('x')), turnEnd('completed')];
  const [item] = finalOf(fold(events, { hasEncryptedReasoning: true })).output as object[];
  const summary = [{ type: 'summary_text', text: 'so' }];
  expect(item).toEqual({ type: 'reasoning', id: 'r1', status: 'completed', summary, encrypted_content: 'sealed' });
  const [plain] = finalOf(fold(events)).output as object[];
  expect(plain).toEqual({ type: 'reasoning', id: 'r1', status: 'completed', summary });
});

it("ends with the caller's calls", () => {
  const made = new ResponseFold(HEAD, FOLD);
  made.begin();
  const call = { callId: 'call_1', itemId: 'call_1', name: 'get', arguments: '{}' };
  const events = made.park([call], 7_000);
  expect(types(events)).toEqual([
    'response.output_item.added',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_item.done',
    'response.completed',
  ]);
  const item = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'get', arguments: '{}' };
  expect(made.resource).toMatchObject({ completed_at: 7, output: [{ ...item, status: 'completed' }] });
  expect(made.take(delta('late'))).toEqual([]);
});

it('says no more than it may', () => {
  const events = fold([started(message('')), delta('x'.repeat(60)), delta('y'.repeat(60))], { maxOutputTokens: 20 });
  expect(finalOf(events)).toMatchObject({
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
    output: [{ content: [{ text: `${'x'.repeat(60)}${'y'.repeat(20)}` }] }],
  });
});

it("tells Codex's own work only to those who asked", () => {
  const command = { type: 'command_execution', id: 'c1', command: 'ls', status: 'in_progress' };
  const output = turnEvent('item/commandExecution/outputDelta', { item_id: 'c1', delta: 'a', seq: 4, event: 'x' });
  const done = { ...command, status: 'failed', exit_code: 1 };
  const events = [started(command), output, completed(done), turnEnd('completed')];
  expect(types(fold(events))).toEqual(['response.created', 'response.in_progress', 'response.completed']);
  const shown = fold(events, { hasCodexItems: true }).slice(2);
  expect(types(shown)).toEqual([
    'response.output_item.added',
    'codex:item/commandExecution/outputDelta',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(shown[1]).toMatchObject({ item_id: 'c1', delta: 'a', sequence_number: 3 });
  expect(shown[2]?.item).toEqual({
    ...{ type: 'codex:command_execution', id: 'c1', command: 'ls', exit_code: 1 },
    ...{ status: 'incomplete', codex_status: 'failed' },
  });
});

it('is queued first in the background', () => {
  const events = fold([], { isBackground: true });
  expect(events.map(({ type, response }) => [type, (response as { status: string }).status])).toEqual([
    ['response.created', 'queued'],
    ['response.queued', 'queued'],
    ['response.in_progress', 'in_progress'],
  ]);
});
