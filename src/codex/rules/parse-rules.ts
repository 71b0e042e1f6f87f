import { createHash } from 'node:crypto';
import { type Rule, RULE_KINDS, type RuleKind } from '../../core/engine/rules.js';
import { readRuleCalls, type RuleCall, RuleSyntaxError, type RuleValue } from './rule-reader.js';

/** A rule, and where its call stands in the text. */
export interface PlacedRule {
  rule: Rule;
  start: number;
  end: number;
}

/** What values without a name stand for. */
const PARAMETERS: Readonly<Record<RuleKind, readonly string[]>> = {
  prefix_rule: ['pattern', 'decision', 'match', 'not_match', 'justification'],
  network_rule: ['host', 'protocol', 'decision', 'justification'],
  host_executable: ['name', 'paths'],
};

/** The rules of one file, in its order. Throws `RuleSyntaxError`. */
export function parseRules(file: string, text: string): PlacedRule[] {
  const seen = new Map<string, number>();
  return readRuleCalls(text).map((call) => {
    const own = text.slice(call.start, call.end);
    const nth = (seen.get(own) ?? 0) + 1;
    seen.set(own, nth);
    return {
      rule: { ruleId: toId(file, own, nth), file, ...toRule(call), text: own },
      start: call.start,
      end: call.end,
    };
  });
}

/** The text without the rule: its lines are gone, a comment that stood behind it stays. */
export function withoutRule(text: string, { start, end }: PlacedRule): string {
  const rest = /^[ \t]*(#[^\n]*)?(\r?\n)?/.exec(text.slice(end));
  const [blank = '', comment = '', lineEnd = ''] = rest ?? [];
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const kept = comment === '' ? '' : `${comment}${lineEnd}`;
  return text.slice(0, lineStart) + kept + text.slice(end + blank.length);
}

function toRule({ name, values, line }: RuleCall): Omit<Rule, 'ruleId' | 'file' | 'text'> {
  const kind = RULE_KINDS.find((known) => known === name);
  if (kind === undefined) {
    throw new RuleSyntaxError(line, `${name} is no rule; there are ${RULE_KINDS.join(', ')}`);
  }
  const valueOf = (key: string): RuleValue => values.get(key) ?? values.get(PARAMETERS[kind].indexOf(key)) ?? null;
  return {
    line,
    kind,
    pattern: kind === 'prefix_rule' ? toPattern(valueOf('pattern'), line) : null,
    host: kind === 'network_rule' ? toText(valueOf('host')) : null,
    protocol: kind === 'network_rule' ? toText(valueOf('protocol')) : null,
    decision: kind === 'host_executable' ? null : (toText(valueOf('decision')) ?? 'allow'),
    justification: toText(valueOf('justification')),
  };
}

const toText = (value: RuleValue): string | null => (typeof value === 'string' ? value : null);

function toPattern(value: RuleValue, line: number): (string | string[])[] {
  if (!isList(value) || value.length === 0) {
    throw new RuleSyntaxError(line, 'the pattern must be a list of words');
  }
  return value.map((part) => {
    if (typeof part === 'string') {
      return part;
    }
    if (isList(part) && part.every((word) => typeof word === 'string')) {
      return [...part];
    }
    throw new RuleSyntaxError(line, 'each part of a pattern must be a word, or a list of words');
  });
}

const isList = (value: RuleValue): value is readonly RuleValue[] => Array.isArray(value);

function toId(file: string, text: string, nth: number): string {
  return createHash('sha256')
    .update(JSON.stringify([file, text, nth]))
    .digest('hex')
    .slice(0, 24);
}
