import { type Json, storedJson, toJson, toJsonArray, toJsonPage, withFields } from '../../../src/http/json.js';

interface Tea {
  name: string;
  minutes: number;
}

const odd = { name: 'a "quoted"\n\u2028 one', minutes: 3 };

describe('Json', () => {
  it('puts fields behind those of an object, which may have none', () => {
    const tea: Json<Tea> = withFields(toJson({ name: odd.name }), { minutes: toJson(3) });
    expect([tea, JSON.parse(tea)]).toEqual(['{"name":"a \\"quoted\\"\\n\u2028 one","minutes":3}', odd]);
    expect(withFields(toJson({}), { a: toJson(null), b: toJson([]) })).toBe('{"a":null,"b":[]}');
    expect(withFields(toJson({ a: 1 }), {})).toBe('{"a":1}');
  });

  it('joins what is JSON already, without a look at it', () => {
    const stored = storedJson<Tea>('{ "name": "kept as it was", "minutes": 1 }');
    const page: Json<{ data: Tea[]; next_cursor: string | null }> = toJsonPage([toJson(odd), stored], 'c"1');
    expect(JSON.parse(page)).toEqual({ data: [odd, { name: 'kept as it was', minutes: 1 }], next_cursor: 'c"1' });
    expect(page).toContain('{ "name"');
    expect([toJsonArray([]), toJsonPage([], null)]).toEqual(['[]', '{"data":[],"next_cursor":null}']);
  });

  it('is of its type alone, which the compiler checks', () => {
    const half = toJson({ name: 'green' });
    // @ts-expect-error -- it has no minutes
    const tea: Json<Tea> = half;
    // @ts-expect-error -- nobody has said that this is JSON
    const text: Json<Tea> = '{}';
    expect([tea, text]).toEqual(['{"name":"green"}', '{}']);
  });
});
