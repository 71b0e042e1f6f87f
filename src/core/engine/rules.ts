export const RULE_KINDS = ['prefix_rule', 'network_rule', 'host_executable'] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

/** A rule by which commands or hosts are allowed, asked about or forbidden in every thread, whoever wrote it. */
export interface Rule {
  /** Of this very text in this file: a rule that is changed is another one. */
  ruleId: string;
  /** The name of the file that it is in. */
  file: string;
  /** Of its first character, from 1. */
  line: number;
  kind: RuleKind;
  /** Of a `prefix_rule`: the first words of the commands; where one word may be several, all of those. */
  pattern: readonly (string | readonly string[])[] | null;
  /** Of a `network_rule`. */
  host: string | null;
  protocol: string | null;
  /** As written, such as `allow`, `prompt` or `forbidden`. */
  decision: string | null;
  justification: string | null;
  /** As it stands in the file. */
  text: string;
}

/** Why a file of rules can't be read. */
export interface RuleFault {
  file: string;
  line: number;
  message: string;
}

export interface RuleList {
  rules: readonly Rule[];
  /** Of files whose rules are not in the list. */
  faults: readonly RuleFault[];
}

/** The rules that outlive a thread: those that were allowed for good, and those that the operator has written. */
export abstract class Rules {
  abstract list(): Promise<RuleList>;

  /**
   * Takes one rule out of its file; all else in it stays as it is. Throws `not_found`, `unprocessable` when it may be in a
   * file that can't be read, and `conflict` when others go on changing the file.
   */
  abstract delete(ruleId: string): Promise<void>;
}
