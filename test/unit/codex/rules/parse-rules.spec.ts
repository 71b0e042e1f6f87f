import { RuleSyntaxError } from '../../../../src/codex/rules/rule-reader.js';
import { parseRules, withoutRule } from '../../../../src/codex/rules/parse-rules.js';

const parse = (text: string): ReturnType<typeof parseRules> => parseRules('x.rules', text);
const patternOf = (literal: string): unknown => parse(`prefix_rule(pattern=[${literal}])`)[0]?.rule.pattern?.[0];

function lineOfFault(text: string): number | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    return error instanceof RuleSyntaxError ? error.line : undefined;
  }
}

describe('parseRules', () => {
  it.each([
    [String.raw`"a \"b\" \\ \n \t \x41 \u00e4 \U0001F600 \101"`, 'a "b" \\ \n \t A ä 😀 A'],
    [String.raw`'it\'s "x"'`, 'it\'s "x"'],
    [String.raw`r"raw\n"`, 'raw\\n'],
    ['"""long "one"\nhere"""', 'long "one"\nhere'],
    ["'''# no comment'''", '# no comment'],
    ['[ \'a\', "b", ]', ['a', 'b']],
    ["('a', 'b')", ['a', 'b']],
  ])('reads %s', (literal, word) => {
    expect(patternOf(literal)).toEqual(word);
  });

  it('reads comments, blank lines and line ends of every kind', () => {
    const text =
      '\uFEFF# one\r\n\r\nprefix_rule( # two\r\n  ["a"], # three\r\n  decision="prompt",\r\n) # four\r\nprefix_rule(["b"])';
    expect(parse(text).map(({ rule }) => [rule.line, rule.pattern, rule.decision])).toEqual([
      [3, ['a'], 'prompt'],
      [7, ['b'], 'allow'],
    ]);
    expect(parse('# nothing\n')).toEqual([]);
  });

  it.each([
    ['an assignment', 'x = 1', 1],
    ['an unknown rule', '\n\nallow("x")', 3],
    ['a name for a value', 'prefix_rule(pattern=WORDS)', 1],
    ['a sum', 'prefix_rule(["a"] + ["b"])', 1],
    ['a call for a value', 'prefix_rule([str(1)])', 1],
    ['an open text', 'prefix_rule(["a)\n', 1],
    ['an open bracket', '\nprefix_rule(["a"]', 2],
    ['two on one line', 'prefix_rule(["a"]); prefix_rule(["b"])', 1],
    ['a pattern of numbers', 'prefix_rule([1])', 1],
    ['no pattern', 'prefix_rule()', 1],
    ['an empty pattern', 'prefix_rule([])', 1],
    ['a character that there is not', String.raw`prefix_rule(["\U00FFFFFF"])`, 1],
    ['a block', 'for x in y:\n  prefix_rule([x])', 1],
  ])('says where it does not understand %s', (_name, text, line) => {
    expect(lineOfFault(text)).toBe(line);
  });

  it('gives equal rules ids of their own, and the same ones each time', () => {
    const text = 'prefix_rule(["a"])\nprefix_rule(["a"])\n';
    const ids = parse(text).map(({ rule }) => rule.ruleId);
    expect(new Set(ids).size).toBe(2);
    expect(parse(`# more\n${text}`).map(({ rule }) => rule.ruleId)).toEqual(ids);
    expect(parseRules('other.rules', text)[0]?.rule.ruleId).not.toBe(ids[0]);
  });

  it.each([
    ['the last line, without an end', 'prefix_rule(["a"])\nprefix_rule(["b"])', 1, 'prefix_rule(["a"])\n'],
    [
      'one with a comment behind it',
      'prefix_rule(["a"]) # why\nprefix_rule(["b"])\n',
      0,
      '# why\nprefix_rule(["b"])\n',
    ],
    ['one with white space around it', '\n  prefix_rule(["a"])  \r\n\nx\n', 0, '\n\nx\n'],
  ])('takes out %s', (_name, text, index, left) => {
    const readable = text.replace(/x\n$/, '');
    const placed = parse(readable)[index];
    expect(placed && withoutRule(text, placed)).toBe(left);
  });
});
