import { z } from 'zod';
import { OpenAiBody } from '../../../../src/compat/openai/openai-body.js';

const schema = z.strictObject({
  model: z.string(),
  size: z.enum(['small', 'large']).optional(),
  count: z.int().max(3).optional(),
  items: z
    .array(
      z.union([
        z.discriminatedUnion('type', [
          z.object({ type: z.literal('a'), text: z.string() }),
          z.object({ type: z.literal('b') }),
        ]),
        z.object({ type: z.undefined().optional(), role: z.enum(['user']) }),
      ]),
    )
    .optional(),
});

const body = new OpenAiBody(schema);

it('gives what is right', () => {
  expect(body.transform({ model: 'm', items: [{ type: 'b' }, { role: 'user' }] })).toEqual({
    model: 'm',
    items: [{ type: 'b' }, { role: 'user' }],
  });
});

it.each([
  [{}, 'missing_required_parameter', 'model', "Missing required parameter: 'model'."],
  [{ model: 7 }, 'invalid_type', 'model', "Invalid type for 'model': expected a string, but got an integer instead."],
  [{ model: 'm', x: 1 }, 'unknown_parameter', 'x', "Unknown parameter: 'x'."],
  [
    { model: 'm', size: 'huge' },
    'invalid_value',
    'size',
    "Invalid value: 'huge'. Supported values are: 'small', 'large'.",
  ],
  [{ model: 'm', count: 4 }, 'integer_above_max_value', 'count', /^Invalid 'count': too big/],
  [{ model: 'm', items: [{ type: 'a' }] }, 'missing_required_parameter', 'items[0].text', /items\[0\]\.text/],
  [
    { model: 'm', items: [{ type: 'c' }] },
    'invalid_value',
    'items[0].type',
    "Invalid value for 'items[0].type'. Supported values are: 'a', 'b'.",
  ],
  [{ model: 'm', items: [{ role: 'odd' }] }, 'invalid_value', 'items[0].role', /'odd'/],
])('refuses %j in the words of OpenAI', (value, openAiCode, param, message) => {
  const error = (() => {
    try {
      return body.transform(value);
    } catch (thrown) {
      return thrown as Error;
    }
  })();
  expect(error).toMatchObject({ code: 'invalid_request', openAiCode, param });
  expect((error as Error).message).toMatch(message);
});
