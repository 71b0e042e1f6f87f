/** What was found out about one thing that the server needs. */
export interface Finding {
  name: string;
  state: 'ok' | 'warning' | 'failed';
  detail: string;
  /** What to do about it. */
  advice?: string;
}

const MARKS = { ok: 'ok', warning: '??', failed: '!!' } as const satisfies Record<Finding['state'], string>;

/** A line for each, and below it what to do; then the sum. */
export function toReport(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, state, detail, advice }) => [
    `${MARKS[state]}  ${name.padEnd(width)}  ${detail}`,
    ...(advice === undefined ? [] : [`    ${''.padEnd(width)}  → ${advice}`]),
  ]);
  return `${lines.join('\n')}\n\n${toSum(findings)}\n`;
}

function toSum(findings: readonly Finding[]): string {
  const count = (state: Finding['state']): number => findings.filter((finding) => finding.state === state).length;
  if (count('failed') > 0) {
    return `The server can't work yet: see ${MARKS.failed}.`;
  }
  return count('warning') > 0 ? `The server can work; ${MARKS.warning} is worth a look.` : 'All is well.';
}
