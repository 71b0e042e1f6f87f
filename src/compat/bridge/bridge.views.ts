import { ApiProperty, ApiSchema } from '@nestjs/swagger';

/** A component that is generated from the engine's own schema, in its own words. */
const codex = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/Codex${name}` });

@ApiSchema({ description: 'A thread, as the engine describes it.' })
export class BridgeThreadDto {
  /** Its `turns` are filled where they were asked for. `path` is always `null`: a file of this host is nobody's business. */
  @ApiProperty({ allOf: [codex('Thread')] })
  thread!: unknown;
}

@ApiSchema({ description: 'A thread that is loaded, and what it works with.' })
export class BridgeLoadedThreadDto extends BridgeThreadDto {
  @ApiProperty({ type: String, nullable: true })
  model!: string | null;

  @ApiProperty({ type: String, nullable: true })
  modelProvider!: string | null;

  @ApiProperty({ type: String, nullable: true })
  cwd!: string | null;

  @ApiProperty({ oneOf: [codex('AskForApproval'), { type: 'null' }] })
  approvalPolicy!: unknown;

  @ApiProperty({ oneOf: [codex('SandboxPolicy'), { type: 'null' }] })
  sandbox!: unknown;

  @ApiProperty({ type: String, nullable: true })
  reasoningEffort!: string | null;
}

@ApiSchema({ description: 'A turn that is over, with all that happened in it.' })
export class BridgeTurnDto {
  @ApiProperty({ allOf: [codex('Turn')] })
  turn!: unknown;
}

@ApiSchema({ description: 'The skills of each folder.' })
export class BridgeSkillsDto {
  @ApiProperty({ type: 'array', items: codex('SkillsListEntry'), description: 'An entry for each folder.' })
  data!: unknown[];
}

@ApiSchema({ description: 'The skill as it is now.' })
export class BridgeSkillConfigDto {
  /** Whether it is in force, which another layer of the configuration may prevent. */
  @ApiProperty()
  effectiveEnabled!: boolean;
}
