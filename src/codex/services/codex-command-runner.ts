import { type CommandRequest, CommandRunner, type CommandResult } from '../../core/agent/command-runner.js';
import { ServiceError } from '../../core/errors.js';
import { type EngineClient } from '../engine-client.js';

/** What the engine answers for a command that it ended because it took too long. */
const TIMEOUT_EXIT_CODE = 124;
/** Room for the engine to end the command and say so. */
const GRACE_MS = 10_000;

export class CodexCommandRunner extends CommandRunner {
  constructor(private readonly client: EngineClient) {
    super();
  }

  override async run(request: CommandRequest): Promise<CommandResult> {
    const { command, cwd, timeoutMs, env, sandboxPolicy } = request;
    const startedAtMs = performance.now();
    const answer = await this.client.ask(
      'command/exec',
      { command, cwd, timeout_ms: timeoutMs, env: env ?? null, sandbox_policy: sandboxPolicy ?? null },
      timeoutMs + GRACE_MS,
    );
    const result = { exitCode: Number(answer.exit_code), stdout: String(answer.stdout), stderr: String(answer.stderr) };
    // A command may end with 124 of its own accord; then it did so before its time.
    if (result.exitCode === TIMEOUT_EXIT_CODE && performance.now() - startedAtMs >= timeoutMs) {
      throw new ServiceError('timeout', `The command took longer than ${String(timeoutMs)} ms and was ended.`);
    }
    return result;
  }
}
