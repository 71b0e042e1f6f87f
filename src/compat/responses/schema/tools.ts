import { z } from 'zod';

export const FUNCTION_NAME = /^[a-zA-Z0-9_-]+$/;

const functionName = z.string().min(1).max(64).regex(FUNCTION_NAME, 'may hold letters, digits, _ and - only');

const jsonSchema = z.record(z.string(), z.unknown());

export const functionTool = z
  .strictObject({
    type: z.literal('function'),
    name: functionName,
    description: z.string().nullish(),
    parameters: jsonSchema.nullish().describe('A JSON Schema of the arguments.'),
    strict: z.boolean().nullish().describe('Echoed: the engine has no such switch.'),
  })
  .meta({ id: 'ResponseFunctionTool', description: 'A function that the caller runs.' });
export type FunctionTool = z.infer<typeof functionTool>;

const namedFunction = z.object({ type: z.literal('function'), name: functionName });

export const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  namedFunction,
  z.object({
    type: z.literal('allowed_tools'),
    mode: z.enum(['auto', 'required']),
    tools: z.array(namedFunction).max(128),
  }),
]);

const textFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    name: z.string().min(1).max(64),
    schema: jsonSchema,
    description: z.string().nullish(),
    strict: z.boolean().nullish(),
  }),
]);

export const textOptions = z.strictObject({
  format: textFormat.nullish(),
  verbosity: z.enum(['low', 'medium', 'high']).nullish(),
});
