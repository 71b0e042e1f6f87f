const WHOLE = '.**';

/** Faults of a classification against the keys that the engine has; empty when it is right. */
export interface ClassificationFaults {
  /** Keys of the engine that nobody has classified. */
  unclassified: string[];
  /** Classified keys that the engine does not have. */
  unknown: string[];
}

/**
 * @param patterns key paths; one that ends in `.**` stands for the key and all within it
 * @param known the key paths that the engine tells
 * @param undescribed classified keys that the engine takes and does not tell
 */
export function findClassificationFaults(
  patterns: readonly string[],
  known: readonly string[],
  undescribed: readonly string[],
): ClassificationFaults {
  const whole = patterns.filter((pattern) => pattern.endsWith(WHOLE)).map((pattern) => pattern.slice(0, -WHOLE.length));
  const exact = new Set(patterns);
  const isClassified = (path: string): boolean => exact.has(path) || whole.some((table) => isWithin(path, table));
  const toKey = (pattern: string): string => (pattern.endsWith(WHOLE) ? pattern.slice(0, -WHOLE.length) : pattern);
  const isKnown = (key: string): boolean => undescribed.includes(key) || known.some((path) => isWithin(path, key));
  return {
    unclassified: known.filter((path) => !isClassified(path)),
    unknown: patterns.map(toKey).filter((key) => !isKnown(key)),
  };
}

function isWithin(path: string, table: string): boolean {
  return path === table || path.startsWith(`${table}.`);
}
