import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { requireEngineBinary } from '../../src/codex/engine-binary.ts';

const EXPORT_TIMEOUT_MS = 60_000;

/** The engine that package.json pins, as it is installed. */
export interface EngineBinary {
  readonly path: string;
  readonly version: string;
}

/** Throws an Error that says what to do when there is no binary for this platform, or not the one that is pinned. */
export function requirePinnedEngine(): EngineBinary {
  const path = requireEngineBinary();
  const { version } = requireManifest('@openai/codex');
  const binaries = requireManifest(`@openai/codex-${process.platform}-${process.arch}`);
  if (!binaries.version.startsWith(`${version}-`)) {
    throw new Error(
      `@openai/codex is ${version}, its platform package ${binaries.version}; run "npm ci" to make them one.`,
    );
  }
  return { path, version };
}

/** Has the engine write its own JSON Schema to `<folder>/json` and its TypeScript types to `<folder>/ts`. */
export function exportProtocol(engine: EngineBinary, folder: string): { jsonFolder: string; tsFolder: string } {
  const jsonFolder = join(folder, 'json');
  const tsFolder = join(folder, 'ts');
  for (const [command, out] of [
    ['generate-json-schema', jsonFolder],
    ['generate-ts', tsFolder],
  ] as const) {
    mkdirSync(out);
    execFileSync(engine.path, ['app-server', command, '--experimental', '--out', out], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: EXPORT_TIMEOUT_MS,
    });
  }
  return { jsonFolder, tsFolder };
}

function requireManifest(name: string): { version: string } {
  return createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
}
