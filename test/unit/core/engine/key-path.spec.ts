import { parseKeyPath, settingsOf, toKeyText } from '../../../../src/core/engine/key-path.js';
import { ServiceError } from '../../../../src/core/errors.js';

const codeOf = (act: () => unknown): string | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    return ServiceError.from(error).code;
  }
};

describe('a key path', () => {
  it.each<[string, string[]]>([
    ['model', ['model']],
    ['tui.notifications', ['tui', 'notifications']],
    ['model_providers."my provider".name', ['model_providers', 'my provider', 'name']],
    ['"model"', ['model']],
    ['a."b.c".d', ['a', 'b.c', 'd']],
    ['a."b\\"c"', ['a', 'b"c']],
    ['"mcp\\_servers".x', ['mcp_servers', 'x']],
    ['"a\\\\b"', ['a\\b']],
    ['"line\\\nbreak"', ['line\nbreak']],
  ])('%j has the segments %j', (keyPath, segments) => {
    expect(parseKeyPath(keyPath)).toEqual(segments);
  });

  it.each([
    ...['', '.', 'a.', '.a', 'a..b', ' a', 'a ', 'a b', 'ä'],
    ...['"a', 'a"', '"a"b', 'a"b"', '""', 'a.""', '"a".', "'a'", "a.'b'", '"a\\"', '"a""b"', 'a."b"."'],
    ...['a\n', 'a=1', 'a[0]', 'a#b', 'a\0'],
    ...['__proto__', 'a.__proto__.b', '"__proto__"', '"__pr\\oto__"', 'constructor.x', 'a.prototype'],
  ])('%j is none', (keyPath) => {
    expect(codeOf(() => parseKeyPath(keyPath))).toBe('invalid_request');
  });

  it('is written as it was read, with quotes where they are needed', () => {
    expect(toKeyText(parseKeyPath('"model_providers"."my provider"."a.b"'))).toBe(
      'model_providers."my provider"."a.b"',
    );
  });

  it('sets what its value has in it, the path itself first', () => {
    const settings = settingsOf('a', { b: { 'c.d': 1 }, e: [{ f: null }, 2], g: {} });
    expect(settings.map(({ path, isTable }) => [toKeyText(path), isTable])).toEqual([
      ['a', true],
      ['a.b', true],
      ['a.b."c.d"', false],
      ['a.e', false],
      ['a.e', true],
      ['a.e.f', false],
      ['a.e', false],
      ['a.g', true],
    ]);
  });

  it.each([
    ['in a table', '{"__proto__": {"x": 1}}'],
    ['deeper', '{"b": {"constructor": 1}}'],
    ['in an array', '[{"c": {"prototype": 1}}]'],
  ])('its value may not reach into a prototype: %s', (_, json) => {
    expect(codeOf(() => settingsOf('a', JSON.parse(json)))).toBe('invalid_request');
  });

  it('its value may not be deeper than any configuration is', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 40; depth += 1) {
      value = { a: value };
    }
    expect(codeOf(() => settingsOf('a', value))).toBe('invalid_request');
  });
});
