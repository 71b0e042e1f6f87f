import { z } from 'zod';
import { lenientParse } from '../../../../src/compat/openai/lenient-parse.js';

const schema = z.strictObject({
  n: z.literal(1).optional(),
  list: z
    .array(z.union([z.string(), z.strictObject({ a: z.strictObject({ b: z.int() }).optional() })]))
    .max(5)
    .optional(),
});

const canIgnore = (path: string): boolean => !path.startsWith('must');
const parse = (value: unknown): unknown => {
  const result = lenientParse(schema, value, canIgnore);
  return result.success
    ? [result.data, result.ignored]
    : result.issues.map(({ code, path, ...issue }) => [code, path, 'keys' in issue ? issue.keys : []]);
};

it('leaves out what is not known, at any depth, and says what it was', () => {
  const value = { x: 1, list: ['t', { a: { b: 1, c: 2 } }, { a: { c: 2, b: 3 }, d: 4 }], n: 1 };
  expect(parse(value)).toEqual([
    { list: ['t', { a: { b: 1 } }, { a: { b: 3 } }], n: 1 },
    ['list[].a.c', 'list[].d', 'x'],
  ]);
  expect(value.list).toHaveLength(3);
  expect(parse({ list: [] })).toEqual([{ list: [] }, []]);
});

it('names only what is wrong for all that', () => {
  expect(parse({ x: 1, must: 2, n: 1 })).toEqual([['unrecognized_keys', [], ['must']]]);
  expect(parse({ x: 1, n: 2 })).toEqual([['invalid_value', ['n'], []]]);
  expect(parse({ x: 1, list: [{ a: { b: 'no', c: 1 } }] })).toEqual([['invalid_union', ['list', 0], []]]);
  expect(parse('text')).toEqual([['invalid_type', [], []]]);
});

it('is not led astray by names that every object has', () => {
  const value: unknown = JSON.parse('{"__proto__": {"n": 2}, "constructor": 1, "toString": 2, "n": 1}');
  const [data, ignored] = parse(value) as [object, string[]];
  expect(Object.keys(data)).toEqual(['n']);
  expect(ignored.toSorted()).toEqual(['__proto__', 'constructor', 'toString']);
});

it('takes no longer for many of them than a look at each', () => {
  const list = Array.from({ length: 200_000 }, () => 'x');
  const wide = z.strictObject({ list: z.array(z.union([z.string(), z.strictObject({})])) });
  const value = { list: [...list, ...Array.from({ length: 20_000 }, () => ({ x: 1 }))] };
  const begun = performance.now();
  const result = lenientParse(wide, value, canIgnore);
  expect(result).toMatchObject({ success: true, ignored: ['list[].x'] });
  expect(performance.now() - begun).toBeLessThan(10_000);
});
