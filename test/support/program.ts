import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A program of Node that a test needs beside the server, until it is stopped. */
export class Program {
  readonly #exited: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    /** The first line that fits. */
    readonly line: string,
  ) {
    this.#exited = once(child, 'exit');
  }

  /** Resolves when the program has written a line that fits, to either of its outputs. */
  static async start(args: readonly string[], fits: RegExp, env: Record<string, string> = {}): Promise<Program> {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const line = await new Promise<string>((resolve, reject) => {
      const lines: string[] = [];
      const read = (text: string): void => {
        lines.push(text);
        if (fits.test(text)) {
          resolve(text);
        }
      };
      createInterface({ input: child.stdout }).on('line', read);
      createInterface({ input: child.stderr }).on('line', read);
      child.once('exit', () => {
        reject(new Error(`The program ended:\n${lines.join('\n')}`));
      });
    });
    return new Program(child, line);
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exited;
  }
}
