import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type Rule, RULE_KINDS, type RuleKind, type RuleList } from '../../core/engine/rules.js';
import { type View } from '../../http/view.js';

@ApiSchema({ description: 'A rule about commands or hosts, for all threads.' })
export class RuleDto {
  /** Of this very text: a rule that is changed gets another one. */
  rule_id!: string;

  /** The file that it is in, in the folder `rules` of the Codex home. */
  file!: string;

  /** From 1. */
  @ApiProperty({ type: 'integer', minimum: 1 })
  line!: number;

  @ApiProperty({ enum: RULE_KINDS })
  kind!: RuleKind;

  /** Of a `prefix_rule`: the first words of the commands that it is about; a list stands for any one of its words. */
  @ApiProperty({
    type: 'array',
    nullable: true,
    items: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  })
  pattern!: readonly (string | readonly string[])[] | null;

  /** Of a `network_rule`. */
  host!: string | null;

  /** Of a `network_rule`. */
  protocol!: string | null;

  /** As written: `allow`, `prompt` or `forbidden` for commands, `allow`, `prompt` or `deny` for hosts. */
  decision!: string | null;

  justification!: string | null;

  /** As it stands in the file. */
  text!: string;
}

@ApiSchema({ description: 'What keeps a file of rules from being read; the engine may use none of its rules either.' })
export class RuleFaultDto {
  file!: string;

  /** From 1. */
  @ApiProperty({ type: 'integer', minimum: 1 })
  line!: number;

  message!: string;
}

@ApiSchema({ description: 'The rules of all threads.' })
export class RuleListDto {
  data!: RuleDto[];

  /** Of files whose rules are not in `data`. */
  faults!: RuleFaultDto[];

  /** Always `null`: all of them are in one page. */
  @ApiProperty({ type: 'null' })
  next_cursor!: null;
}

export function toRuleList({ rules, faults }: RuleList): View<RuleListDto> {
  return { data: rules.map(toRule), faults: faults.map((fault) => ({ ...fault })), next_cursor: null };
}

const toPattern = (pattern: Rule['pattern']): View<RuleDto>['pattern'] =>
  pattern?.map((part) => (typeof part === 'string' ? part : [...part])) ?? null;

function toRule({
  ruleId,
  file,
  line,
  kind,
  pattern,
  host,
  protocol,
  decision,
  justification,
  text,
}: Rule): View<RuleDto> {
  return {
    ...{ rule_id: ruleId, file, line, kind, pattern: toPattern(pattern) },
    ...{ host, protocol, decision, justification, text },
  };
}
