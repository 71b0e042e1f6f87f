import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/demo/walk-through.js', import.meta.url));

/** The demo as its own process, with a standard output that is no terminal. */
class Demo {
  output = '';
  readonly exitCode: Promise<number | null>;
  readonly #child: ChildProcess;
  #wake: () => void = () => undefined;

  constructor(args: readonly string[] = []) {
    this.#child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
        this.#wake();
      });
    }
    this.exitCode = once(this.#child, 'close').then(([code]) => {
      this.#wake();
      return code as number | null;
    });
  }

  /** Resolves with the match once it is printed; rejects if the demo ends without. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) {
        return match;
      }
      if (this.#child.exitCode !== null) {
        throw new Error(`The demo ended without ${String(pattern)}:\n${this.output}`);
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The folder that everything of this run is in. */
  get scratch(): string {
    return dirname(/workspace {2}(\S+)/.exec(this.output)?.[1] ?? '');
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** The processes that were told of this folder, by an argument or a variable: the server, the engine, its commands. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');
      return /^\d+$/.test(pid) && (read('cmdline') + read('environ')).includes(folder);
    } catch {
      // It ended in the meantime.
      return false;
    }
  });
}

async function isAnswering(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

describe('npm run demo', () => {
  it('walks through the main job, says what it proved, and leaves nothing behind', async () => {
    const demo = new Demo();
    expect(await demo.exitCode).toBe(0);

    const lines = demo.output.split('\n');
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    // No colours, for this is no terminal.
    expect(demo.output).not.toContain('\u001B');
    expect(demo.output).toContain('no language model');
    expect(lines.filter((line) => /^\d {2}/.test(line))).toEqual([
      '1  Create a thread',
      '2  Subscribe to its events',
      '3  Submit a turn',
      '4  Approve a command',
      '5  Patch a file',
      '6  Reconnect',
      '7  Fork',
    ]);
    expect(lines.filter((line) => line.startsWith('   ✓')).map((line) => line.replaceAll(/\d+/g, 'N'))).toEqual([
      '   ✓ list.txt is there, ../out.txt is not: the sandbox held',
      '   ✓ ../out.txt is there now: somebody said yes',
      '   ✓ list.txt holds: oat milk, apples',
      '   ✓ ids N to N, no hole, no repeat: N before the cut, N replayed, N live',
      '   ✓ the second subscriber, never cut, saw the same N events, byte for byte',
      '   ✓ the fork knows the first turn; the thread that it came from is as it was',
    ]);
    expect(demo.output).toContain('Read-only file system');
    expect(demo.output).toContain('approval/resolved          answered: approve');
    expect(demo.output).toContain('+oat milk');

    expect(demo.scratch).toContain('codex-web-server-demo-');
    expect(existsSync(demo.scratch)).toBe(false);
    expect(processesOf(demo.scratch)).toEqual([]);
  });

  it('leaves the server up with --keep, until it is asked to stop', async () => {
    const demo = new Demo(['--keep']);
    await demo.printed(/Ctrl-C ends it/);
    const [, url = ''] = await demo.printed(/URL +(\S+)/);
    const [, token = ''] = await demo.printed(/token +(\S+)/);
    const [, thread = ''] = await demo.printed(/THREAD=(\S+)/);

    const answer = await fetch(thread, { headers: { Authorization: `Bearer ${token}` } });
    expect(await answer.json()).toMatchObject({ status: 'idle', model: 'scripted-model' });
    expect(processesOf(demo.scratch).length).toBeGreaterThanOrEqual(2);

    demo.signal('SIGINT');
    demo.signal('SIGINT');
    expect(await demo.exitCode).toBe(0);
    expect(await isAnswering(url)).toBe(false);
    expect(existsSync(demo.scratch)).toBe(false);
    expect(processesOf(demo.scratch)).toEqual([]);
  });

  it('cleans up and exits with 1 when it is interrupted in the middle of a turn', async () => {
    const demo = new Demo();
    await demo.printed(/✂ the connection is lost/);
    demo.signal('SIGTERM');
    expect(await demo.exitCode).toBe(1);
    expect(demo.output).toContain('Interrupted.');
    expect(existsSync(demo.scratch)).toBe(false);
    expect(processesOf(demo.scratch)).toEqual([]);
  });

  it('refuses a flag that it does not know', async () => {
    const demo = new Demo(['--kep']);
    expect(await demo.exitCode).toBe(1);
    expect(demo.output).toContain("Unknown option '--kep'");
  });
});
