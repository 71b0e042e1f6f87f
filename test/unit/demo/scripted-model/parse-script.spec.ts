import { parseScript } from '../../../../src/demo/scripted-model/parse-script.js';

const patch = '*** Begin Patch\n*** Add File: a.txt\n+say: this is no directive\n*** End Patch';

describe('the directives of a message', () => {
  it.each([
    ['say: Hello there', { kind: 'say', text: 'Hello there' }],
    ['part: Hello ', { kind: 'say', text: 'Hello ', isOpen: true }],
    ['think: first\nthen this', { kind: 'think', text: 'first\nthen this' }],
    ["run: cat <<'E'\none\nE", { kind: 'run', command: "cat <<'E'\none\nE" }],
    ['run escalated: touch /x because: needs it', { kind: 'run', command: 'touch /x', justification: 'needs it' }],
    [`patch: ${patch}`, { kind: 'patch', patch }],
    ['call: lookup {"q": 1}', { kind: 'call', tool: 'lookup', input: '{"q": 1}' }],
    ['call: exec text("hi")', { kind: 'call', tool: 'exec', input: 'text("hi")' }],
    ['mcp: demo echo', { kind: 'mcp', server: 'demo', tool: 'echo', input: '{}' }],
    ['ask: {"questions":[]}', { kind: 'ask', input: '{"questions":[]}' }],
    ['deltas: 5 size=3 per-write=2', { kind: 'deltas', count: 5, sizeChars: 3, perWrite: 2 }],
    ['delay: 1.5s', { kind: 'delay', delayMs: 1500 }],
    ['pace: 20ms', { kind: 'pace', delayMs: 20 }],
    ['gate: one', { kind: 'gate', name: 'one' }],
    ['stall', { kind: 'stall' }],
    ['cut', { kind: 'cut' }],
    ['fail: 503 gone away', { kind: 'fail', status: 503, message: 'gone away' }],
    ['fail: response rate_limit too fast', { kind: 'fail-response', code: 'rate_limit', message: 'too fast' }],
    ['usage: 100/20/5/2', { kind: 'usage', usage: { input: 100, cached: 20, output: 5, reasoning: 2 } }],
  ])('reads %j', (text, step) => {
    expect(parseScript(text)).toEqual([step]);
  });

  it('leaves prose before the first directive out, and joins calls that run in parallel', () => {
    expect(parseScript('Please do this:\n\nrun: one\r\nalso run: two\nsay: done\n')).toEqual([
      { kind: 'run', command: 'one' },
      { kind: 'run', command: 'two', isJoined: true },
      { kind: 'say', text: 'done' },
    ]);
  });

  it('finds none in an ordinary message', () => {
    expect(parseScript('What does she say: yes or no?\nstalling for time')).toEqual([]);
  });

  it.each(['run:', 'call: lookup {"q":', 'deltas: many', 'delay: soon', 'fail: 200 fine', 'usage: 1/2', 'also say: x'])(
    'refuses %j',
    (text) => {
      expect(() => parseScript(text)).toThrow(/expected/);
    },
  );
});
