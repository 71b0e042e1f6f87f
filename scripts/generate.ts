/**
 * Writes `src/codex/protocol/generated` from the engine that package.json pins.
 *
 *     node scripts/generate.ts           writes the files
 *     node scripts/generate.ts --check   exits 1 and names them if any is stale
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { requirePinnedEngine } from './generate/engine-binary.ts';
import { protocolFiles } from './generate/protocol-files.ts';

const target = join(import.meta.dirname, '../src/codex/protocol/generated');

function main(): number {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const engine = requirePinnedEngine();
  const scratch = mkdtempSync(join(tmpdir(), 'codex-protocol-'));
  try {
    const files = protocolFiles(engine, scratch);
    return values.check ? check(files, engine.version) : write(files, engine.version);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function write(files: ReadonlyMap<string, string>, version: string): number {
  mkdirSync(target, { recursive: true });
  for (const [name, content] of files) {
    writeFileSync(join(target, name), content);
  }
  for (const name of leftovers(files)) {
    rmSync(join(target, name));
  }
  say(`Wrote ${String(files.size)} files of codex ${version}'s protocol to src/codex/protocol/generated.`);
  return 0;
}

function check(files: ReadonlyMap<string, string>, version: string): number {
  const stale = [...files].filter(([name, content]) => content !== readIfThere(name)).map(([name]) => name);
  const wrong = [...stale, ...leftovers(files)];
  for (const name of wrong) {
    say(`stale: src/codex/protocol/generated/${name}`);
  }
  say(wrong.length > 0 ? 'Run "npm run generate".' : `OK: the generated files are those of codex ${version}.`);
  return wrong.length > 0 ? 1 : 0;
}

function leftovers(files: ReadonlyMap<string, string>): string[] {
  return namesInTarget().filter((name) => !files.has(name));
}

function namesInTarget(): string[] {
  try {
    return readdirSync(target);
  } catch (error) {
    rethrowUnlessMissing(error);
    return [];
  }
}

function readIfThere(name: string): string | undefined {
  try {
    return readFileSync(join(target, name), 'utf8');
  } catch (error) {
    rethrowUnlessMissing(error);
    return undefined;
  }
}

function rethrowUnlessMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
    throw error;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`generate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
