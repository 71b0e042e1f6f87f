export type Limit = { atLeast: number } | { atMost: number };
export type Unit = 'ratio' | '/s' | 'ms' | 'MB' | 'streams';

/** One goal with what was measured. */
export interface Finding {
  goal: string;
  value: number;
  unit: Unit;
  limit: Limit;
  /** The figures behind it. */
  detail: string;
}

export function isMet({ value, limit }: Finding): boolean {
  return 'atLeast' in limit ? value >= limit.atLeast : value <= limit.atMost;
}

/** Three digits that count, with thousands set apart. */
export function toFigure(value: number, unit: Unit = 'ratio'): string {
  const digits = Math.max(0, Math.min(2, 2 - Math.floor(Math.log10(Math.abs(value) || 1))));
  const figure = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === 'ratio' ? figure : unit === '/s' ? `${figure}/s` : `${figure} ${unit}`;
}

export function toLimitText({ limit, unit }: Finding): string {
  const [sign, value] = 'atLeast' in limit ? ['≥', limit.atLeast] : ['≤', limit.atMost];
  const figure = value.toLocaleString('en-US');
  return `${sign} ${unit === 'ratio' ? figure : unit === '/s' ? `${figure}/s` : `${figure} ${unit}`}`;
}
