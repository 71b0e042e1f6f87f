import { ApiSchema } from '@nestjs/swagger';
import { type CommandResult } from '../../core/agent/command-runner.js';
import { type View } from '../../http/view.js';

@ApiSchema({ description: 'How a command ended.' })
export class CommandResultDto {
  exit_code!: number;
  stdout!: string;
  stderr!: string;
}

export function toCommandResult({ exitCode, stdout, stderr }: CommandResult): View<CommandResultDto> {
  return { exit_code: exitCode, stdout, stderr };
}
