/** One quantity over the time of a run, a value a sample. */
export interface Series {
  name: string;
  unit: string;
  values: readonly number[];
  allowance: Allowance;
}

/** How much more there may be at the end than early on: a share of what there was, and something on top. */
export interface Allowance {
  share: number;
  plus: number;
}

export interface SeriesVerdict {
  name: string;
  unit: string;
  /** Over the second quarter of the run: what comes before is warming up. */
  early: number;
  /** Over the last quarter. */
  late: number;
  atMost: number;
  isFlat: boolean;
}

const MIN_SAMPLES = 8;

/**
 * Whether a quantity stays where it is. Each quarter is stood for by its lower quartile: memory goes up and down with
 * what happens to be under way and with the collector of garbage, and what is leaked is what does not come down again.
 * Throws RangeError for fewer than eight samples, of which nothing can be said.
 */
export function judge({ name, unit, values, allowance }: Series): SeriesVerdict {
  if (values.length < MIN_SAMPLES) {
    throw new RangeError(
      `A verdict takes ${String(MIN_SAMPLES)} samples, not ${String(values.length)}: run it for longer.`,
    );
  }
  const quarter = Math.floor(values.length / 4);
  const early = lowerQuartile(values.slice(quarter, 2 * quarter));
  const late = lowerQuartile(values.slice(-quarter));
  const atMost = early * (1 + allowance.share) + allowance.plus;
  return { name, unit, early, late, atMost, isFlat: late <= atMost };
}

function lowerQuartile(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 4)] ?? NaN;
}
