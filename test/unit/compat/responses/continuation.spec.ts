import { type Plan, toContinuation, withInstructions } from '../../../../src/compat/responses/runs/continuation.js';
import { type ResponseRecord } from '../../../../src/compat/responses/store/response-record.js';
import { type ThreadSpec, toSpecText } from '../../../../src/compat/responses/to-core/thread-spec.js';
import { NO_CEILING } from '../../../../src/core/permissions/ceiling.js';
import { type HistoryItem } from '../../../../src/core/turns/history-items.js';
import { FOLD, responseRecord } from './records.js';

const SPEC: ThreadSpec = {
  mode: 'agent',
  isStored: true,
  tools: [],
  verbosity: null,
  choices: { cwd: '/w', approvalPolicy: 'never', sandbox: null },
  instructions: null,
};
const OUTPUT: HistoryItem = { type: 'function_call_output', call_id: 'c1', output: 'x' };
const CALL = { callId: 'c1', itemId: 'c1', name: 'get', arguments: '{}' };

function plan(spec: Partial<ThreadSpec>, parent: Partial<ResponseRecord>, history: HistoryItem[] = []) {
  const whole = { ...SPEC, ...spec };
  const record = responseRecord({ threadSpec: toSpecText(SPEC), ...parent });
  const made = {
    authority: { ceiling: NO_CEILING },
    spec: whole,
    specText: toSpecText(whole),
    turnOptions: {},
    turnSpecText: '{}',
    history,
    directions: [],
  };
  return { ...made, parent: record } satisfies Plan;
}

const parked = { end: { type: 'parked', seq: 3, calls: [CALL] } } as const;

it.each([
  ['append', {}, { isTail: true, isParked: false }],
  ['fork', {}, { isTail: false, isParked: false }],
  ['append', { instructions: 'Other.' }, { isTail: true, isParked: false }],
  ['rebuild', { tools: [{ name: 'get' }] }, { isTail: true, isParked: false }],
  ['rebuild', { mode: 'model' }, { isTail: true, isParked: false }],
] as const)('%s, after a whole turn, with %j', (way, spec, facts) => {
  expect(toContinuation(plan(spec, {}), facts)).toBe(way);
});

it("copies a bare model's thread for other instructions", () => {
  const own = toSpecText({ ...SPEC, mode: 'model' });
  const changed = plan({ mode: 'model', instructions: 'Other.' }, { threadSpec: own });
  expect(toContinuation(changed, { isTail: true, isParked: false })).toBe('fork');
  expect(withInstructions(changed)).toEqual([]);
});

it('tells an agent of other instructions', () => {
  expect(withInstructions(plan({ instructions: 'Other.' }, {}))).toEqual([
    {
      type: 'message',
      role: 'developer',
      content: [{ type: 'input_text', text: 'Instructions, in place of those that were given before:\nOther.' }],
    },
  ]);
  expect(withInstructions(plan({}, {}))).toEqual([]);
});

it('answers a turn that waits, unless something else is asked for at the same time', () => {
  const facts = { isTail: false, isParked: true };
  const developer: HistoryItem = { type: 'message', role: 'developer', content: [] };
  expect(toContinuation(plan({}, parked, [OUTPUT]), facts)).toBe('answer');
  expect(toContinuation(plan({}, parked, [OUTPUT, { ...developer, role: 'user' }]), facts)).toBe('answer');
  expect(toContinuation(plan({}, parked, [OUTPUT, developer]), facts)).toBe('rebuild');
  expect(toContinuation(plan({}, { ...parked, turnSpec: '{"model":"a"}' }, [OUTPUT]), facts)).toBe('rebuild');
  expect(toContinuation(plan({}, parked, [OUTPUT]), { isTail: false, isParked: false })).toBe('rebuild');
});

it('begins anew where the thread is no whole picture', () => {
  const facts = { isTail: true, isParked: false };
  expect(toContinuation(plan({}, { threadId: null }), facts)).toBe('rebuild');
  expect(toContinuation(plan({}, { fold: { ...FOLD, mustCall: true } }), facts)).toBe('rebuild');
  expect(toContinuation(plan({}, { end: { type: 'lost', seq: 3, message: '' } }), facts)).toBe('rebuild');
});
