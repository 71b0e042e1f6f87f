import { execFile } from 'node:child_process';

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
}

interface Report {
  modules: { source: string }[];
  summary: { violations: Violation[] };
}

const ARGS = ['src', '--config', '.dependency-cruiser.mjs', '--output-type', 'json'];

/** Ends with a status other than 0 when there are violations, which the report tells of. */
async function cruise(): Promise<Report> {
  const text = await new Promise<string>((resolve) => {
    const program = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs';
    execFile(process.execPath, [program, ...ARGS], { maxBuffer: 64 * 1024 * 1024 }, (_error, stdout) => {
      resolve(stdout);
    });
  });
  return JSON.parse(text) as Report;
}

it('every module imports only what its layer may, and none in a circle', async () => {
  const { modules, summary } = await cruise();
  expect(modules.filter(({ source }) => source.startsWith('src/')).length).toBeGreaterThan(150);
  expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
});
