import { LineSplitter } from '../../../../src/codex/rpc/line-splitter.js';
import { seededRandom } from '../../../support/seeded-random.js';

describe('LineSplitter', () => {
  function split(chunks: readonly (Buffer | string)[], maxLineBytes = 1024): { lines: string[]; tooLong: number } {
    const lines: string[] = [];
    let tooLong = 0;
    const splitter = new LineSplitter(
      maxLineBytes,
      (line) => lines.push(line),
      () => {
        tooLong += 1;
      },
    );
    for (const chunk of chunks) {
      splitter.push(Buffer.from(chunk));
    }
    return { lines, tooLong };
  }

  it.each([
    ['one chunk', ['a\nb\n'], ['a', 'b']],
    ['pieces', ['a', 'b', 'c\nd', '\n'], ['abc', 'd']],
    ['empty lines', ['\n\na\n'], ['', '', 'a']],
    ['an end that has not come', ['a\nrest'], ['a']],
    ['nothing', [''], []],
  ])('cuts %s into lines', (_, chunks, lines) => {
    expect(split(chunks)).toEqual({ lines, tooLong: 0 });
  });

  it('gives the same lines however the bytes come, also within a character', () => {
    const text = 'plain\nüñî\n€ 𝄞 漢字\n\nlast\n';
    const bytes = Buffer.from(text);
    const expected = text.split('\n').slice(0, -1);
    for (let seed = 0; seed < 50; seed += 1) {
      const random = seededRandom(seed);
      const chunks: Buffer[] = [];
      for (let start = 0; start < bytes.length;) {
        const end = start + 1 + Math.floor(random() * 6);
        chunks.push(bytes.subarray(start, end));
        start = end;
      }
      expect(split(chunks).lines).toEqual(expected);
    }
  });

  it.each([
    ['in one chunk', [`${'x'.repeat(11)}\nnext\n`]],
    ['in pieces', ['x'.repeat(6), 'x'.repeat(6), 'x'.repeat(6), '\nnext\n']],
    ['with the last piece', ['x'.repeat(6), `${'x'.repeat(5)}\nnext\n`]],
  ])('drops a line past the limit as a whole, says so once, and goes on (%s)', (_, chunks) => {
    expect(split(chunks, 10)).toEqual({ lines: ['next'], tooLong: 1 });
  });

  it('keeps a line that just fits', () => {
    expect(split(['xxxxx', 'xxxxx\n'], 10)).toEqual({ lines: ['xxxxxxxxxx'], tooLong: 0 });
  });
});
