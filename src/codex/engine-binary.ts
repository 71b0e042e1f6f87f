import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The targets that `@openai/codex` publishes a binary for, by Node's platform and architecture. */
const TARGETS: Readonly<Record<string, string | undefined>> = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
  'darwin-x64': 'x86_64-apple-darwin',
  'darwin-arm64': 'aarch64-apple-darwin',
  'win32-x64': 'x86_64-pc-windows-msvc',
  'win32-arm64': 'aarch64-pc-windows-msvc',
};

/**
 * The engine's own binary: the given one, or that of the npm package. The package's launcher is passed by, since it is
 * a second Node process which only waits. Throws an Error that says what to do when there is none.
 */
export function requireEngineBinary(codexPath?: string): string {
  const path = codexPath ?? packagedBinary();
  if (!existsSync(path)) {
    throw new Error(`There is no Codex engine at ${path}. Set --codex-path to its binary, or run "npm ci".`);
  }
  try {
    accessSync(path, constants.X_OK);
  } catch (cause) {
    throw new Error(`The Codex engine at ${path} is not executable.`, { cause });
  }
  return path;
}

function packagedBinary(): string {
  const platform = `${process.platform}-${process.arch}`;
  const target = TARGETS[platform];
  if (target === undefined) {
    throw new Error(`@openai/codex has no binary for ${platform}. Set --codex-path to one.`);
  }
  const name = process.platform === 'win32' ? 'codex.exe' : 'codex';
  try {
    const manifest = createRequire(import.meta.url).resolve(`@openai/codex-${platform}/package.json`);
    return join(dirname(manifest), 'vendor', target, 'bin', name);
  } catch (cause) {
    throw new Error(`@openai/codex-${platform} is not installed. Run "npm ci" without --omit=optional.`, { cause });
  }
}
