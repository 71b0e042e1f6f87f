import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENGINE_VERSION } from '../../../../src/codex/protocol/generated/methods.js';

describe('scripts/generate.ts --check', () => {
  let scratch: string;

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'generate-spec-'));
  });

  afterEach(() => {
    rmSync(scratch, { recursive: true, force: true });
  });

  it('finds the generated files to be those of the installed engine, and leaves nothing behind', () => {
    const script = join(import.meta.dirname, '../../../../scripts/generate.ts');
    const check = spawnSync(process.execPath, [script, '--check'], {
      encoding: 'utf8',
      env: { TMPDIR: scratch, TEMP: scratch, HOME: scratch },
    });
    expect(check).toMatchObject({
      status: 0,
      stdout:
        `OK: the generated files are those of codex ${ENGINE_VERSION}.\n` +
        'OK: each key of the configuration is classified.\n',
    });
    expect(readdirSync(scratch)).toEqual([]);
  });
});
