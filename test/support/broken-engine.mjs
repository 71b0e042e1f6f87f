#!/usr/bin/env node
/**
 * Stands between the server and the real engine, and does what the file named by BROKEN_ENGINE_PLAN says: `exit CODE`
 * ends at once; `version TEXT` makes the engine say that it is of that version; `line TEXT` and `huge BYTES` write something of their own to the server, once, at the first `turn/start`.
 * `{thread}` in a text is the id of that thread.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const plan = readFileSync(process.env.BROKEN_ENGINE_PLAN, 'utf8').split('\n');
const exit = plan.find((step) => step.startsWith('exit '));
if (exit) {
  process.stderr.write('The engine is out of order.\n');
  process.exit(Number(exit.slice(5)));
}
const engine = spawn(process.env.REAL_ENGINE, process.argv.slice(2), { stdio: ['pipe', 'pipe', 'inherit'] });
engine.once('exit', (code) => process.exit(code ?? 1));
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { method, params } = JSON.parse(line);
    if (method === 'turn/start') {
      writeFileSync(process.env.BROKEN_ENGINE_PLAN, '');
      for (const step of plan.splice(0)) {
        if (step.startsWith('line ')) {
          process.stdout.write(`${step.slice(5).replaceAll('{thread}', params.threadId)}\n`);
        } else if (step.startsWith('huge ')) {
          process.stdout.write(`${'x'.repeat(Number(step.slice(5)))}\n`);
        }
      }
    }
    engine.stdin.write(`${line}\n`);
  })
  .on('close', () => engine.stdin.end());
const version = plan.find((step) => step.startsWith('version '))?.slice(8);
const asVersion = (line) => (version ? line.replace(/("userAgent":"[^/]+\/)[^ ]+/, `$1${version}`) : line);
createInterface({ input: engine.stdout }).on('line', (line) => process.stdout.write(`${asVersion(line)}\n`));
