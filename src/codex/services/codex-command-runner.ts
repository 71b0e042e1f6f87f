import { type CommandRequest, CommandRunner, type CommandResult } from '../../core/engine/command-runner.js';
import { type Payload } from '../../core/engine/engine.js';
import { ServiceError } from '../../core/errors.js';
import { type EngineClient } from '../engine-client.js';
import { NO_PROGRAM, toUnknownOutcome } from '../engine-errors.js';

/** What the engine answers for a command that it ended because it took too long. */
const TIMEOUT_EXIT_CODE = 124;
/** What the engine's sandbox answers for a program that can't be started, and what it says then. */
const PANIC_EXIT_CODE = 101;
const SANDBOX_PANIC = /^thread 'main' \(\d+\) panicked at linux-sandbox\/src\//m;
const NO_SANDBOX =
  'The sandbox could not be set up for this command: a writable root must be a folder, and TMPDIR an absolute path.';
const NOT_STARTED = /^\nthread 'main' .*\nFailed to execvp /;
/** Of each stream. Both of them, in the longest way to write them as JSON, fit into one line of the engine. */
const OUTPUT_LIMIT_BYTES = 4 * 1024 * 1024;
/** Room for the engine to end the command and say so. */
const GRACE_MS = 10_000;

export class CodexCommandRunner extends CommandRunner {
  constructor(private readonly client: EngineClient) {
    super();
  }

  override async run(request: CommandRequest): Promise<CommandResult> {
    const { command, cwd, timeoutMs, env, sandboxPolicy } = request;
    const startedAtMs = performance.now();
    const params = {
      command,
      cwd,
      timeout_ms: timeoutMs,
      env: env ?? null,
      sandbox_policy: toSandboxPolicy(sandboxPolicy, cwd),
      output_bytes_cap: OUTPUT_LIMIT_BYTES,
    };
    const result = toResult(await this.#exec(params, timeoutMs + GRACE_MS));
    // A command may end with 124 of its own accord; then it did so before its time.
    if (result.exitCode === TIMEOUT_EXIT_CODE && performance.now() - startedAtMs >= timeoutMs) {
      throw new ServiceError('timeout', `The command took longer than ${String(timeoutMs)} ms and was ended.`);
    }
    requireSandboxed(result);
    return result;
  }

  async #exec(params: Payload, timeoutMs: number): Promise<Payload> {
    try {
      return await this.client.ask('command/exec', params, timeoutMs);
    } catch (error) {
      throw toUnknownOutcome(error);
    }
  }
}

/** The sandbox ends in a panic of its own where it can't be set up, or where there is no such program in it. */
function requireSandboxed({ exitCode, stderr }: CommandResult): void {
  if (exitCode === PANIC_EXIT_CODE && NOT_STARTED.test(stderr)) {
    throw new ServiceError('unprocessable', NO_PROGRAM, { fields: [{ path: 'command', message: 'can not be run' }] });
  }
  if (exitCode === PANIC_EXIT_CODE && SANDBOX_PANIC.test(stderr)) {
    throw new ServiceError('unprocessable', NO_SANDBOX);
  }
}

function toResult(answer: Payload): CommandResult {
  const [stdout, stderr] = [String(answer.stdout), String(answer.stderr)];
  const isTruncated = [stdout, stderr].some((text) => Buffer.byteLength(text) >= OUTPUT_LIMIT_BYTES);
  return { exitCode: Number(answer.exit_code), stdout, stderr, isTruncated };
}

/** The engine takes the folder that it was started in for the workspace; the command's own is to be writable too. */
function toSandboxPolicy(policy: Payload | undefined, cwd: string): Payload | null {
  if (policy?.type !== 'workspace_write') {
    return policy ?? null;
  }
  return { ...policy, writable_roots: [cwd, ...(policy.writable_roots as string[])] };
}
