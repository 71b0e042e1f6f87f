/** A side of a comparison: one round of it, as one number. */
export type Round = () => Promise<number>;

export interface Comparison {
  /** Medians over the rounds. */
  baseline: number;
  ours: number;
  /** The median of ours ÷ baseline, round by round: what slows the machine down for a while slows both. */
  ratio: number;
}

/** Runs both in turn, first once unmeasured and then `rounds` times. */
export async function compare(rounds: number, baseline: Round, ours: Round): Promise<Comparison> {
  await baseline();
  await ours();
  const pairs: [number, number][] = [];
  for (let round = 0; round < rounds; round += 1) {
    pairs.push([await baseline(), await ours()]);
  }
  return summarize(pairs);
}

export function summarize(pairs: readonly (readonly [baseline: number, ours: number])[]): Comparison {
  return {
    baseline: median(pairs.map(([baseline]) => baseline)),
    ours: median(pairs.map(([, ours]) => ours)),
    ratio: median(pairs.map(([baseline, ours]) => ours / baseline)),
  };
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** With linear interpolation between the two nearest ranks. Throws RangeError when there is nothing to take it of. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) {
    throw new RangeError('There is no percentile of no values.');
  }
  const sorted = [...values].sort((a, b) => a - b);
  const place = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Milliseconds on the system's monotonic clock, which all processes of a machine share. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
