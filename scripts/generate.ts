/**
 * Writes `src/codex/protocol/generated` from the engine that package.json pins.
 *
 *     node scripts/generate.ts           writes the files
 *     node scripts/generate.ts --check   exits 1 and names them if any is stale
 *
 * Both name the keys of the engine's configuration that `src/codex/protocol/config-keys.ts` does not classify, and exit 1.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONFIG_KEYS, UNDESCRIBED_KEYS } from '../src/codex/protocol/config-keys.ts';
import { findClassificationFaults } from './generate/classified-keys.ts';
import { requirePinnedEngine } from './generate/engine-binary.ts';
import { protocolFiles } from './generate/protocol-files.ts';

const target = join(import.meta.dirname, '../src/codex/protocol/generated');

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const engine = requirePinnedEngine();
  const scratch = mkdtempSync(join(tmpdir(), 'codex-protocol-'));
  try {
    const files = await protocolFiles(engine, scratch);
    const status = values.check ? check(files, engine.version) : write(files, engine.version);
    return Math.max(status, checkClassification(files));
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

function checkClassification(files: ReadonlyMap<string, string>): number {
  const { keys } = JSON.parse(files.get('config-keys.json') ?? '{}') as { keys: string[] };
  const patterns = Object.values(CONFIG_KEYS).flat();
  const { unclassified, unknown } = findClassificationFaults(patterns, keys, UNDESCRIBED_KEYS);
  for (const key of unclassified) {
    say(`not classified: ${key}`);
  }
  for (const key of unknown) {
    say(`classified, but no key of this engine: ${key}`);
  }
  const isRight = unclassified.length + unknown.length === 0;
  say(isRight ? 'OK: each key of the configuration is classified.' : 'Mend src/codex/protocol/config-keys.ts.');
  return isRight ? 0 : 1;
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
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`generate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
