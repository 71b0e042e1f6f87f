import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const EXPORT_TIMEOUT_MS = 60_000;

/** The targets that `@openai/codex` publishes a binary for, by Node's platform and architecture. */
const TARGETS: Readonly<Record<string, string | undefined>> = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
  'darwin-x64': 'x86_64-apple-darwin',
  'darwin-arm64': 'aarch64-apple-darwin',
  'win32-x64': 'x86_64-pc-windows-msvc',
  'win32-arm64': 'aarch64-pc-windows-msvc',
};

/** The engine that package.json pins, as it is installed. */
export interface EngineBinary {
  readonly path: string;
  readonly version: string;
}

/** Throws an Error that says what to install when there is no binary for this platform. */
export function requireEngineBinary(): EngineBinary {
  const platform = `${process.platform}-${process.arch}`;
  const target = TARGETS[platform];
  if (target === undefined) {
    throw new Error(
      `The Codex engine has no binary for ${platform}; generate on one of: ${Object.keys(TARGETS).join(', ')}.`,
    );
  }
  const launcher = requirePackage('@openai/codex');
  const binaries = requirePackage(`@openai/codex-${platform}`);
  const name = process.platform === 'win32' ? 'codex.exe' : 'codex';
  const path = join(dirname(binaries.manifestPath), 'vendor', target, 'bin', name);
  if (!existsSync(path)) {
    throw new Error(`The Codex engine's binary is missing at ${path}; run "npm ci".`);
  }
  if (binaries.version !== `${launcher.version}-${platform}`) {
    throw new Error(
      `@openai/codex is ${launcher.version}, its platform package ${binaries.version}; run "npm ci" to make them one.`,
    );
  }
  return { path, version: launcher.version };
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

function requirePackage(name: string): { manifestPath: string; version: string } {
  let manifestPath: string;
  try {
    manifestPath = createRequire(import.meta.url).resolve(`${name}/package.json`);
  } catch (cause) {
    throw new Error(`${name} is not installed; run "npm ci" (without --omit=optional).`, { cause });
  }
  const { version } = JSON.parse(readFileSync(manifestPath, 'utf8')) as { version: string };
  return { manifestPath, version };
}
