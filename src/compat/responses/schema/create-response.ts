import { z } from 'zod';
import { OPEN, OPEN_TO_OTHERS } from '../../openai/ignored-parameters.js';
import { REASONING_EFFORTS } from '../../openai/reasoning-efforts.js';
import { text } from './content.js';
import { input } from './items.js';
import { anyTool, textOptions, toolChoice } from './tools.js';

/** What `include` may ask for and this server knows how to give. */
export const GIVEN_INCLUDES = ['reasoning.encrypted_content', 'codex.items', 'message.input_image.image_url'] as const;
/** Of OpenAI's own tools, which are not run here, so that there is nothing of them to include. */
const VOID_INCLUDES = [
  ...['code_interpreter_call.outputs', 'computer_call_output.output.image_url', 'file_search_call.results'],
  ...['web_search_call.results', 'web_search_call.action.sources'],
] as const;
const includable = z.enum([...GIVEN_INCLUDES, ...VOID_INCLUDES]);

export const reasoningOptions = z.strictObject({
  effort: z.enum(REASONING_EFFORTS).nullish(),
  summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
  generate_summary: z.enum(['auto', 'concise', 'detailed']).nullish().describe('The older name of summary.'),
});

export const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((value) => Object.keys(value).length <= 16, 'may hold 16 pairs at most');

export const shared = {
  input: input.nullish(),
  instructions: text.nullish(),
  model: z.string().min(1).max(256).nullish(),
  previous_response_id: z.string().min(1).max(256).nullish(),
  prompt_cache_key: z.string().max(256).nullish(),
};

/** Taken because they change no answer's meaning; the engine has no place for them. They are echoed, and told to have no effect. */
const echoed = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  user: z.string().max(512).nullish(),
  safety_identifier: z.string().max(512).nullish(),
  prompt_cache_retention: z.enum(['in-memory', 'in_memory', '24h']).nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.boolean().nullish() }).nullish(),
};

/** Which can't be honoured: only the value that asks for nothing is taken. */
const refused = {
  top_logprobs: z.literal(0, { error: 'the engine gives no log probabilities' }).nullish(),
  max_tool_calls: z.null({ error: 'the engine has no such limit' }).optional(),
  prompt: z.null({ error: 'there are no stored prompts here' }).optional(),
  context_management: z.null({ error: 'the engine compacts by its own rules' }).optional(),
  moderation: z.null({ error: 'there is no moderation here' }).optional(),
};

const createFields = {
  ...shared,
  ...echoed,
  ...refused,
  conversation: z.union([z.string().min(1), z.strictObject({ id: z.string().min(1) })]).nullish(),
  include: z.array(includable).nullish(),
  tools: z.array(anyTool).max(128).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: textOptions.nullish(),
  reasoning: reasoningOptions.nullish(),
  metadata: metadata.nullish(),
  max_output_tokens: z.int().min(16).max(1_000_000).nullish(),
  service_tier: z
    .string()
    .min(1)
    .max(64)
    .nullish()
    .describe('`flex` and `priority` are passed on; others have no effect.'),
  store: z.boolean().nullish(),
};

export const createResponse = z
  .strictObject({ ...createFields, stream: z.boolean().nullish(), background: z.boolean().nullish() })
  .meta({
    id: 'CreateResponse',
    description: `A request to the model or the agent, as the OpenAI Responses API has it. ${OPEN_TO_OTHERS}`,
    ...OPEN,
  });
export type CreateResponse = z.infer<typeof createResponse>;

/** A frame of the socket: it always streams, and `generate: false` only puts the input into the history. */
export const createFrame = z
  .strictObject({
    type: z.literal('response.create'),
    ...createFields,
    stream: z.literal(true, { error: 'a socket always streams' }).nullish(),
    background: z.literal(false, { error: 'is not possible on a socket' }).nullish(),
    generate: z.boolean().nullish(),
    stream_id: z.null({ error: 'is not known here' }).optional(),
  })
  .meta({ id: 'ResponseCreateFrame', description: 'What a client sends over the WebSocket.', ...OPEN });

export type CreateFrame = z.infer<typeof createFrame>;

export const compactResponse = z
  .strictObject({ ...shared, model: z.string().min(1).max(256) })
  .meta({ id: 'CompactResponse', description: 'A conversation to be summed up.', ...OPEN });
export type CompactResponse = z.infer<typeof compactResponse>;
