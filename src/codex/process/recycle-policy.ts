/** What a process of the engine takes up, with everything below it. */
export interface ProcessSample {
  rssBytes: number;
  children: number;
}

/** Past one of these a process is replaced; 0: no limit. */
export interface RecycleLimits {
  maxMemoryBytes: number;
  maxChildren: number;
  maxAgeMs: number;
}

const MEBIBYTE = 1024 * 1024;

/** Why the process is to be replaced; `undefined` when it is well. Without a sample only its age counts. */
export function recycleReason(
  sample: ProcessSample | undefined,
  ageMs: number,
  { maxMemoryBytes, maxChildren, maxAgeMs }: RecycleLimits,
): string | undefined {
  if (maxAgeMs > 0 && ageMs > maxAgeMs) {
    return `It is ${String(Math.round(ageMs / 60_000))} minutes old.`;
  }
  if (sample && maxMemoryBytes > 0 && sample.rssBytes > maxMemoryBytes) {
    return `It takes ${String(Math.round(sample.rssBytes / MEBIBYTE))} MiB of memory, with its children.`;
  }
  if (sample && maxChildren > 0 && sample.children > maxChildren) {
    return `It has ${String(sample.children)} child processes.`;
  }
  return undefined;
}

const FIRST_CHECKS = 3;
const MAX_DOUBLINGS = 10;

/**
 * How old a process must be to be replaced: when the one before had to go soon as well, replacing does not help, and is
 * done ever more rarely. `inARow` counts replacements each of which followed soon after the one before.
 */
export function minRecycleAgeMs(checkIntervalMs: number, inARow: number): number {
  return checkIntervalMs * FIRST_CHECKS * 2 ** Math.min(inARow, MAX_DOUBLINGS);
}

/** Whether a process that is replaced at this age was replaced soon. */
export function wasReplacedSoon(ageMs: number, checkIntervalMs: number, inARow: number): boolean {
  return ageMs < 4 * minRecycleAgeMs(checkIntervalMs, inARow);
}
