import { ancestorsOf, descendantsOf, toProcessEntry } from '../../../../src/codex/process/process-table.js';
import { hasMark, isOfCommand, newEngineMark, withMark } from '../../../../src/codex/process/engine-mark.js';

const stat = (head: string, start = 9): string =>
  `${head} 1 4 3 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 ${String(start)} 1000 200`;

describe('the table of processes', () => {
  it('reads a line of /proc, whatever the program is called', () => {
    expect(toProcessEntry(stat('42 (a) S b) (c) S'))).toEqual({ pid: 42, parentPid: 1, sessionId: 3, startTicks: 9 });
  });

  it.each([stat('42 (zombie) Z'), '', 'nonsense'])('has no entry for %j', (line) => {
    expect(toProcessEntry(line)).toBeUndefined();
  });

  it('knows who is below and above whom', () => {
    const entries = [
      [2, 1],
      [3, 2],
      [4, 3],
      [5, 1],
    ].map(([pid = 0, parentPid = 0]) => ({ pid, parentPid, sessionId: 1, startTicks: 1 }));
    expect(descendantsOf(2, entries).map(({ pid }) => pid)).toEqual([3, 4]);
    expect(ancestorsOf(4, entries)).toEqual([3, 2, 1]);
  });
});

describe('the mark of an engine', () => {
  const mark = newEngineMark('codex-web-0123456789abcdef-');
  const textOf = (env: Record<string, string | undefined>): string =>
    Object.entries(env)
      .map(([name, value]) => `${name}=${value ?? ''}`)
      .join('\0');

  it('is on whatever inherits the environment, or no more of it than PATH', () => {
    const whole = withMark({ PATH: '/bin', HOME: '/h' }, mark);
    expect(whole).toMatchObject({ HOME: '/h', PATH: `/bin:/dev/null/${mark.text}` });
    for (const env of [whole, { PATH: whole.PATH }]) {
      expect([hasMark(textOf(env), mark.text), hasMark(textOf(env), mark.server)]).toEqual([true, true]);
    }
    expect([isOfCommand(textOf(whole)), isOfCommand(textOf({ PATH: whole.PATH }))]).toEqual([true, false]);
  });

  it("is not another engine's, nor another server's", () => {
    const env = textOf(withMark({ PATH: '/bin' }, mark));
    expect(hasMark(env, newEngineMark(mark.server).text)).toBe(false);
    expect(hasMark(env, 'codex-web-fedcba9876543210-')).toBe(false);
    expect(hasMark(textOf({ PATH: '/bin', NOTE: mark.text }), mark.text)).toBe(false);
  });
});
