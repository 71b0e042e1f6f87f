import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROXY = 'http://127.0.0.1:9';
/** Whatever would call the network is refused at once: neither tool may need it. */
const OFFLINE = { PATH: '', CI: 'true', HTTP_PROXY: PROXY, HTTPS_PROXY: PROXY, REDOCLY_TELEMETRY: 'off' };

/** The command-line program of a package, and what it prints. */
async function lint(program: string, args: readonly string[]): Promise<string> {
  const path = fileURLToPath(new URL(`../../node_modules/${program}`, import.meta.url));
  const { stdout } = await run(process.execPath, [path, 'lint', 'docs/openapi.json', ...args], { env: OFFLINE });
  return stdout;
}

describe('the OpenAPI document', () => {
  it('has nothing that Spectral would say about it', async () => {
    const args = ['--ruleset', '.spectral.yaml', '--format', 'json', '--quiet'];
    const stdout = await lint('@stoplight/spectral-cli/dist/index.js', args);
    expect(stdout.trim()).toBe('[]');
  });

  it('has nothing that Redocly would say about it', async () => {
    const stdout = await lint('@redocly/cli/bin/cli.js', ['--config', 'redocly.yaml', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0, ignored: 0 }, problems: [] });
  });
});
