import { z } from 'zod';
import { OPEN } from '../../openai/ignored-parameters.js';

export const FUNCTION_NAME = /^[a-zA-Z0-9_-]+$/;

const functionName = z.string().min(1).max(64).regex(FUNCTION_NAME, 'may hold letters, digits, _ and - only');

const jsonSchema = z.record(z.string(), z.unknown());

const functionTool = z
  .strictObject({
    type: z.literal('function'),
    name: functionName,
    description: z.string().nullish(),
    parameters: jsonSchema.nullish().describe('A JSON Schema of the arguments.'),
    strict: z.boolean().nullish().describe('Echoed: the engine has no such switch.'),
  })
  .meta({ id: 'ResponseFunctionTool', description: 'A function that the caller runs.', ...OPEN });
export type FunctionTool = z.infer<typeof functionTool>;

const customTool = z
  .strictObject({
    type: z.literal('custom'),
    name: functionName,
    description: z.string().nullish(),
    format: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('text') }),
        z.strictObject({
          type: z.literal('grammar'),
          syntax: z.enum(['lark', 'regex']),
          definition: z.string().max(100_000).describe('Told to the model, which is not held to it.'),
        }),
      ])
      .nullish(),
  })
  .meta({ id: 'ResponseCustomTool', description: 'A tool of the caller’s that takes text.', ...OPEN });
export type CustomTool = z.infer<typeof customTool>;

const namespaceTool = z
  .strictObject({
    type: z.literal('namespace'),
    name: functionName,
    description: z.string().nullish(),
    tools: z.array(z.discriminatedUnion('type', [functionTool, customTool])).max(128),
  })
  .meta({ id: 'ResponseNamespaceTool', description: 'Tools of the caller’s under a common name.', ...OPEN });

/** Not said to be open: some generators of clients make no valid code of an open object with nothing but a constant. */
const localShellTool = z
  .strictObject({ type: z.literal('local_shell') })
  .meta({ id: 'ResponseLocalShellTool', description: 'Commands that the caller runs.' });

/** Tools that the caller runs, or that a model can do without. */
const IGNORED_TOOLS = [
  ...['web_search', 'web_search_2025_08_26', 'web_search_preview', 'web_search_preview_2025_03_11'],
  ...['image_generation', 'tool_search'],
] as const;

export function isIgnoredTool(type: string): boolean {
  return (IGNORED_TOOLS as readonly string[]).includes(type);
}

const ignoredTool = z
  .looseObject({ type: z.enum(IGNORED_TOOLS) })
  .meta({ id: 'ResponseIgnoredTool', description: 'A tool that is not there: the model is not told of it.' });

export const anyTool = z.discriminatedUnion('type', [
  functionTool,
  customTool,
  namespaceTool,
  localShellTool,
  ignoredTool,
]);
export type AnyTool = z.infer<typeof anyTool>;

const namedTool = z.object({
  type: z.enum(['function', 'custom']),
  name: functionName,
  namespace: functionName.nullish(),
});

export const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  namedTool,
  z.object({
    type: z.literal('allowed_tools'),
    mode: z.enum(['auto', 'required']),
    tools: z.array(namedTool).max(128),
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
