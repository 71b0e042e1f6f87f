import { z } from 'zod';
import { chatMessage } from './chat-messages.js';

const MAX_TOOLS = 128;
const MAX_STOPS = 4;

const FUNCTION_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

const jsonObject = z.record(z.string(), z.unknown());

/** A field that the wire has and the engine has not: only what changes nothing is taken. */
function only<const T extends number | string | boolean>(value: T, why: string): z.ZodType<T | null | undefined> {
  return z.literal(value, { error: `only ${JSON.stringify(value)}, the default, is possible here: ${why}` }).nullish();
}

function absent(why: string): z.ZodType<null | undefined> {
  return z.null({ error: `is not possible here: ${why}` }).optional();
}

const tool = z
  .strictObject({
    type: z.literal('function'),
    function: z.strictObject({
      name: z.string().regex(FUNCTION_NAME, 'must be 1 to 64 letters, digits, _ or -'),
      description: z.string().nullish(),
      parameters: jsonObject.nullish().describe('A JSON Schema.'),
      strict: z
        .boolean()
        .nullish()
        .describe('Taken; the engine has no such switch, so arguments may not fit the schema.'),
    }),
  })
  .meta({ id: 'ChatTool', description: 'A function that the caller runs.' });

const toolChoice = z
  .union([
    z.enum(['none', 'auto', 'required']),
    z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string().min(1) }) }),
    z.strictObject({
      type: z.literal('allowed_tools'),
      allowed_tools: z.strictObject({
        mode: z.enum(['auto', 'required']),
        tools: z
          .array(z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string().min(1) }) }))
          .min(1),
      }),
    }),
  ])
  .meta({ id: 'ChatToolChoice', description: 'Which functions the model may or must call.' });

const responseFormat = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text') }),
    z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({
        name: z.string().min(1).max(64),
        description: z.string().nullish(),
        schema: jsonObject.optional(),
        strict: z.boolean().nullish(),
      }),
    }),
  ])
  .meta({ id: 'ChatResponseFormat', description: 'What the answer must look like.' });

const NO_SAMPLING = "Codex's models take no sampling parameters.";

/** What can be asked for in no other way than by default. */
const FIXED = {
  n: only(1, 'a conversation has one answer; ask again for another.'),
  temperature: only(1, NO_SAMPLING),
  top_p: only(1, NO_SAMPLING),
  presence_penalty: only(0, NO_SAMPLING),
  frequency_penalty: only(0, NO_SAMPLING),
  logprobs: only(false, 'the engine tells none.'),
  store: only(false, 'completions are not kept under their ids; the thread of each is, at /api/v2/threads.'),
  seed: absent(NO_SAMPLING),
  top_logprobs: absent('the engine tells none.'),
  logit_bias: z.strictObject({}, { error: `must be empty: ${NO_SAMPLING}` }).nullish(),
  functions: absent('send tools instead.'),
  function_call: absent('send tool_choice instead.'),
  audio: absent('the engine answers with text.'),
  prediction: absent('the engine takes none.'),
  web_search_options: absent('send a function of your own, or X-Codex-Mode: agent.'),
  modalities: z
    .array(z.literal('text', { error: 'only "text" is possible here: the engine answers with text.' }))
    .length(1)
    .nullish(),
};

const count = z.int().min(1).max(10_000_000);

export const chatRequest = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('A model of GET /v1/models, or any that the provider knows; the configured one when absent.'),
    messages: z.array(chatMessage).min(1),
    stream: z.boolean().nullish(),
    stream_options: z
      .strictObject({
        include_usage: z.boolean().nullish(),
        include_obfuscation: only(false, 'chunks are not padded.'),
      })
      .nullish(),
    tools: z.array(tool).max(MAX_TOOLS).nullish(),
    tool_choice: toolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish().describe('`false`: calls come out one at a time.'),
    response_format: responseFormat.nullish(),
    reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra']).nullish(),
    verbosity: z.enum(['low', 'medium', 'high']).nullish(),
    max_completion_tokens: count.nullish().describe('Estimated at four bytes a token; the answer is cut there.'),
    max_tokens: count.nullish().describe('The older name of `max_completion_tokens`.'),
    stop: z
      .union([z.string().min(1), z.array(z.string().min(1)).max(MAX_STOPS)])
      .nullish()
      .describe('The answer ends before the first of these texts.'),
    service_tier: z.enum(['auto', 'default', 'flex', 'priority']).nullish(),
    metadata: z
      .record(z.string().min(1).max(64), z.string().max(512))
      .refine((pairs) => Object.keys(pairs).length <= 16, 'must have at most 16 keys')
      .nullish()
      .describe('Kept with the thread.'),
    user: z.string().max(512).nullish().describe('Kept with the thread, as `user` of its metadata.'),
    safety_identifier: z.string().max(512).nullish().describe('Kept with the thread, as `safety_identifier`.'),
    prompt_cache_key: z
      .string()
      .max(512)
      .nullish()
      .describe("Taken; the engine caches by the conversation's own thread."),
    ...FIXED,
  })
  .meta({ id: 'CreateChatCompletion', description: 'A conversation that the model is to continue.' });

export type ChatRequest = z.infer<typeof chatRequest>;
