/** Builds `dist/` when it is missing or older than a source file, so that every command works from a fresh clone. */
import { spawnSync } from 'node:child_process';
import { globSync, statSync, utimesSync, writeFileSync } from 'node:fs';

const inputs = ['package-lock.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', ...globSync('src/**/*')];
const newestInput = Math.max(...inputs.map((path) => statSync(path).mtimeMs));
const builtAt = statSync('dist/.built', { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (builtAt < newestInput) {
  const begunAt = new Date();
  const build = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  if (build.status !== 0) {
    process.exit(build.status ?? 1);
  }
  writeFileSync('dist/.built', '');
  // What was edited while it was being built is not in it.
  utimesSync('dist/.built', begunAt, begunAt);
}
