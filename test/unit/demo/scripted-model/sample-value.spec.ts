import { toSampleValue } from '../../../../src/demo/scripted-model/sample-value.js';

describe('a sample of a JSON schema', () => {
  it('fills every property with the least that is allowed', () => {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 2 },
        size: { type: ['integer', 'null'], minimum: 3 },
        above: { type: 'number', exclusiveMinimum: 0 },
        below: { type: 'number', maximum: -4 },
        color: { enum: ['red', 'blue'] },
        fixed: { const: false },
        list: { type: 'array', minItems: 2, items: { $ref: '#/$defs/flag' } },
        either: { anyOf: [{ type: 'null' }, { type: 'string' }] },
        both: { allOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: { type: 'boolean' } } }] },
      },
      $defs: { flag: { type: 'boolean' } },
    };
    expect(toSampleValue(schema)).toEqual({
      name: 'xx',
      size: 3,
      above: 1,
      below: -4,
      color: 'red',
      fixed: false,
      list: [false, false],
      either: null,
      both: { a: '', b: false },
    });
  });

  it('ends where a schema refers to itself', () => {
    expect(toSampleValue({ $ref: '#' })).toBeNull();
  });
});
