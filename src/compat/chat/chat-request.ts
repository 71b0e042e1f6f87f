import { z } from 'zod';
import { OPEN, OPEN_TO_OTHERS } from '../openai/ignored-parameters.js';
import { REASONING_EFFORTS } from '../openai/reasoning-efforts.js';
import { chatMessage } from './chat-messages.js';

const MAX_TOOLS = 128;
const MAX_STOPS = 4;

export const NO_SAMPLING = "Codex's models take no sampling parameters.";

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
  .meta({ id: 'ChatTool', description: 'A function that the caller runs.', ...OPEN });

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
    z.strictObject({
      type: z.literal('json_object'),
      schema: jsonObject.nullish().describe('As some vendors have it: what the object must look like.'),
    }),
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

/** What can be asked for in no other way than by default: another value asks for another answer. */
const FIXED = {
  n: only(1, 'a conversation has one answer; ask again for another.'),
  logprobs: only(false, 'the engine tells none.'),
  top_logprobs: only(0, 'the engine tells none.'),
  logit_bias: z.record(z.string(), z.never({ error: `must be empty: ${NO_SAMPLING}` })).nullish(),
  functions: z.array(z.unknown()).max(0, 'is not possible here: send tools instead.').nullish(),
  function_call: z.enum(['auto', 'none'], { error: 'is not possible here: send tool_choice instead.' }).nullish(),
  audio: absent('the engine answers with text.'),
  web_search_options: absent('send a function of your own, or X-Codex-Mode: agent.'),
  modalities: z
    .array(z.literal('text', { error: 'only "text" is possible here: the engine answers with text.' }))
    .length(1)
    .nullish(),
};

/** What clients send by habit and the engine has no place for: taken, and told to have no effect. */
const WITHOUT_EFFECT = {
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  presence_penalty: z.number().nullish(),
  frequency_penalty: z.number().nullish(),
  seed: z.number().nullish(),
  store: z.boolean().nullish().describe('Completions are not kept under their ids; the thread of each is.'),
  prediction: z.record(z.string(), z.unknown()).nullish(),
};

/** Some clients say -1 for "no limit". */
const count = z.union([z.int().min(1).max(10_000_000), z.literal(-1)]);

const ANY_TIER = z.string().min(1).max(64);

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
        include_obfuscation: z.boolean().nullish().describe('Without effect: chunks are not padded.'),
      })
      .nullish(),
    tools: z.array(tool).max(MAX_TOOLS).nullish(),
    tool_choice: toolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish().describe('`false`: calls come out one at a time.'),
    response_format: responseFormat.nullish(),
    reasoning_effort: z.enum(REASONING_EFFORTS).nullish(),
    verbosity: z.enum(['low', 'medium', 'high']).nullish(),
    max_completion_tokens: count.nullish().describe('Estimated at four bytes a token; the answer is cut there.'),
    max_tokens: count.nullish().describe('The older name of `max_completion_tokens`.'),
    stop: z
      .union([z.string().min(1), z.array(z.string().min(1)).max(MAX_STOPS)])
      .nullish()
      .describe('The answer ends before the first of these texts.'),
    service_tier: ANY_TIER.nullish().describe('`flex` and `priority` are passed on; others have no effect.'),
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
    ...WITHOUT_EFFECT,
    ...FIXED,
  })
  .meta({
    id: 'CreateChatCompletion',
    description: `A conversation that the model is to continue. ${OPEN_TO_OTHERS}`,
    ...OPEN,
  });

export type ChatRequest = z.infer<typeof chatRequest>;
