import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { type Finding, isMet, toFigure, toLimitText } from './finding.ts';

const DOCUMENT = new URL('../../docs/performance.md', import.meta.url);
const BEGIN = '<!-- results: begin -->';
const END = '<!-- results: end -->';
const HEADINGS = ['Goal', 'Limit', 'Measured', '', 'Figures'];

/** For a terminal. */
export function toTable(findings: readonly Finding[]): string {
  const rows = [HEADINGS, ...findings.map(toCells)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  const missed = findings.filter((finding) => !isMet(finding)).length;
  const met = findings.length - missed;
  return `\n${lines.map((line) => line.trimEnd()).join('\n')}\n\n${String(met)} met, ${String(missed)} missed\n`;
}

/** For the document: the same, with what it was measured on. */
export function toMarkdown(findings: readonly Finding[]): string {
  const { version } = createRequire(import.meta.url)('@openai/codex/package.json') as { version: string };
  const [cpu] = cpus();
  const machine = `${String(cpus().length)} × ${cpu?.model.trim() ?? 'unknown CPU'}`;
  const date = new Date().toISOString().slice(0, 10);
  const rows = findings.map((finding) => `| ${toCells(finding).join(' | ')} |`);
  return [
    `${date}, ${machine}, Node ${process.versions.node}, engine ${version}.`,
    '',
    `| ${HEADINGS.join(' | ')} |`,
    `| ${HEADINGS.map(() => '---').join(' | ')} |`,
    ...rows,
  ].join('\n');
}

/** Puts the results in the place of those that the document has. */
export function writeResults(markdown: string): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (before === -1 || after < before) {
    throw new Error(`docs/performance.md has no "${BEGIN}" and "${END}".`);
  }
  writeFileSync(DOCUMENT, `${text.slice(0, before)}${BEGIN}\n\n${markdown}\n\n${text.slice(after)}`);
}

function toCells(finding: Finding): string[] {
  const measured = toFigure(finding.value, finding.unit);
  return [finding.goal, toLimitText(finding), measured, isMet(finding) ? 'ok' : 'miss', finding.detail];
}
