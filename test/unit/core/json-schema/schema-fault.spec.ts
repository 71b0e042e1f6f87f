import { schemaFault } from '../../../../src/core/json-schema/schema-fault.js';

it.each([
  {},
  { type: ['string', 'null'], enum: ['a', null] },
  {
    type: 'object',
    properties: { type: { type: 'string' }, list: { type: 'array', items: { $ref: '#/$defs/a' } } },
    required: ['type'],
    additionalProperties: false,
    $defs: { a: { anyOf: [{ type: 'integer' }, { not: { type: 'null' } }] } },
  },
])('finds no fault in a schema: %j', (schema) => {
  expect(schemaFault(schema)).toBeUndefined();
});

it.each([
  ['text', '', 'must be a JSON Schema object'],
  [[], '', 'must be a JSON Schema object'],
  [
    { type: 'strange' },
    'type',
    'must be one of string, number, integer, boolean, object, array, null, or a list of these',
  ],
  [{ properties: { a: { items: 7 } } }, 'properties.a.items', 'must be a JSON Schema object'],
  [{ properties: [] }, 'properties', 'must be an object of schemas'],
  [{ anyOf: [{}, { required: 'a' }] }, 'anyOf[1].required', 'must be a list of names'],
])('says where %j is no schema', (schema, path, message) => {
  expect(schemaFault(schema)).toEqual({ path, message });
});

it('ends on a schema that is nested without end', () => {
  const schema: Record<string, unknown> = {};
  schema.items = schema;
  expect(schemaFault(schema)?.message).toBe('is nested deeper than 64 levels');
});
