import { ApiSchema } from '@nestjs/swagger';
import { type CommandResult } from '../../core/engine/command-runner.js';
import { type View } from '../../http/view.js';

@ApiSchema({ description: 'How a command ended.' })
export class CommandResultDto {
  exit_code!: number;
  stdout!: string;
  stderr!: string;

  /** Whether there was more output than is answered, 4 MiB of each stream. */
  truncated!: boolean;
}

export function toCommandResult({ exitCode, stdout, stderr, isTruncated }: CommandResult): View<CommandResultDto> {
  return { exit_code: exitCode, stdout, stderr, truncated: isTruncated };
}
