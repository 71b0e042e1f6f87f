import { type Payload } from './payload.js';

export interface CommandRequest {
  /** Program and arguments. */
  command: readonly string[];
  cwd: string;
  timeoutMs: number;
  /** Added to the environment; `null` takes a variable away. */
  env?: Readonly<Record<string, string | null>>;
  /** As for a turn; the configured one when absent. */
  sandboxPolicy?: Payload;
}

export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** Whether there was more output than is kept, 4 MiB of each stream. */
  isTruncated: boolean;
}

/** Runs one command in the agent's sandbox, without a thread. */
export abstract class CommandRunner {
  /** Throws `timeout` when it took longer than it may; it has been ended then; `unprocessable` when it can't be started. */
  abstract run(request: CommandRequest): Promise<CommandResult>;
}
