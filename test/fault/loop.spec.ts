import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const LOOP = fileURLToPath(new URL('loop/main.ts', import.meta.url));

/** The command itself, as `npm run fault` starts it; a failure prints what was violated and the seed. */
it('nothing that was promised is lost when the server and its engine are killed over and over', async () => {
  const child = spawn(process.execPath, [LOOP, '--rounds', '2', '--seed', '11'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const [code] = (await once(child, 'close')) as [number | null];
  expect(output).toMatch(/^violations +0$/m);
  expect(output).toMatch(/^rounds +2$/m);
  expect(code).toBe(0);
}, 120_000);
