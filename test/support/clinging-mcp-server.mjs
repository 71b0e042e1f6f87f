/**
 * An MCP server that does not go away: not when its input ends, and not when it is asked to. Each start leaves a process
 * of its own behind besides, in a group of its own. The first argument is only there to know them by.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const [, script, name, role] = process.argv;
const forever = () => setInterval(() => undefined, 60_000);
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
  process.on(signal, () => undefined);
}
process.stdout.on('error', () => undefined);
if (role === 'left-behind') {
  forever();
} else {
  spawn(process.execPath, [script, name, 'left-behind'], { detached: true, stdio: 'ignore' }).unref();
  serve();
  forever();
}

function serve() {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (id !== undefined) {
      process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: toResult(method, params) })}\n`);
    }
  });
}

function toResult(method, params) {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'clinging', version: '1' },
      };
    case 'tools/list':
      return { tools: [] };
    default:
      return {};
  }
}
