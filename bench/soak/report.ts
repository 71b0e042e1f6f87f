import type { Sample } from './sampler.ts';
import type { Series, SeriesVerdict } from './verdict.ts';

/** What may not grow, and how much it may differ between early and late in a run all the same. */
const QUANTITIES: readonly [keyof Sample, string, string, Series['allowance']][] = [
  ['serverMb', 'server memory', 'MB', { share: 0.05, plus: 10 }],
  ['serverFiles', 'server file handles', '', { share: 0.1, plus: 10 }],
  ['engineMb', 'engine memory', 'MB', { share: 0.15, plus: 60 }],
  ['engineFiles', 'engine file handles', '', { share: 0.25, plus: 40 }],
  ['children', 'child processes of the engine', '', { share: 0.25, plus: 8 }],
  ['loadedThreads', 'loaded threads', '', { share: 0.25, plus: 8 }],
  ['latencyMs', 'p95 of /livez', 'ms', { share: 1, plus: 20 }],
];

const COLUMNS: readonly [string, (sample: Sample) => number, number][] = [
  ['server MB', ({ serverMb }) => serverMb, 0],
  ['files', ({ serverFiles }) => serverFiles, 0],
  ['engine MB', ({ engineMb }) => engineMb, 0],
  ['files', ({ engineFiles }) => engineFiles, 0],
  ['engines', ({ engines }) => engines, 0],
  ['children', ({ children }) => children, 0],
  ['loaded', ({ loadedThreads }) => loadedThreads, 0],
  ['data MB', ({ databaseMb }) => databaseMb, 1],
  ['p95 ms', ({ latencyMs }) => latencyMs, 1],
];
const WIDTH = 10;

export function toSeries(samples: readonly Sample[]): Series[] {
  return QUANTITIES.map(([key, name, unit, allowance]) => {
    return { name, unit, allowance, values: samples.map((sample) => sample[key]) };
  });
}

/** One line; before the first one their headings. */
export function toRow(sample: Sample, count: number, seconds: number): string {
  const headings = ['seconds', ...COLUMNS.map(([heading]) => heading)];
  const cells = [seconds.toFixed(0), ...COLUMNS.map(([, read, digits]) => read(sample).toFixed(digits))];
  return `${count === 1 ? toLine(headings) : ''}${toLine(cells)}`;
}

export function toVerdictTable(verdicts: readonly SeriesVerdict[]): string {
  const lines = verdicts.map(({ name, unit, early, late, atMost, isFlat }) => {
    const figures = `${early.toFixed(1)} → ${late.toFixed(1)} ${unit}`.trimEnd();
    return `${isFlat ? 'flat ' : 'GROWS'}  ${name}: ${figures} (at most ${atMost.toFixed(1)})\n`;
  });
  return `\n${lines.join('')}`;
}

function toLine(cells: readonly string[]): string {
  return `${cells.map((cell) => cell.padStart(WIDTH)).join('')}\n`;
}
