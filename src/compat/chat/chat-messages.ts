import { z } from 'zod';
import { OPEN } from '../openai/ignored-parameters.js';

const text = z.strictObject({ type: z.literal('text'), text: z.string() }).meta(OPEN);
const refusal = z.strictObject({ type: z.literal('refusal'), refusal: z.string() }).meta(OPEN);
const image = z
  .strictObject({
    type: z.literal('image_url'),
    image_url: z.strictObject({
      url: z.string().min(1).describe('A data URL, or a link that this server fetches.'),
      detail: z.enum(['auto', 'low', 'high']).nullish(),
    }),
  })
  .meta(OPEN);

const textContent = z.union([z.string(), z.array(text).min(1)]);
const richContent = z.union([z.string(), z.array(z.discriminatedUnion('type', [text, image])).min(1)]);
const spokenContent = z.union([z.string(), z.array(z.discriminatedUnion('type', [text, refusal])).min(1)]);

const name = z.string().max(200).nullish();
/** What the wire has and this server has not. */
const never = z.null().optional();

/** What came from here is sent back with what clients have added to it, which is left out. */
const toolCall = z
  .object({
    id: z.string().min(1),
    type: z.literal('function').default('function'),
    function: z.object({ name: z.string().min(1), arguments: z.string() }),
  })
  .meta({ id: 'ChatToolCall', description: 'A call of a function of the caller’s.' });

const instruction = { content: textContent, name };

const assistant = z.object({
  role: z.literal('assistant'),
  content: spokenContent.nullish(),
  name,
  refusal: z.string().nullish(),
  tool_calls: z.array(toolCall).nullish(),
  reasoning_content: z.string().nullish().describe('Taken, and not sent to the model again.'),
  audio: never,
  function_call: never,
});

export const chatMessage = z
  .discriminatedUnion('role', [
    z.strictObject({ role: z.literal('system'), ...instruction }).meta(OPEN),
    z.strictObject({ role: z.literal('developer'), ...instruction }).meta(OPEN),
    z.strictObject({ role: z.literal('user'), content: richContent, name }).meta(OPEN),
    assistant,
    z.strictObject({ role: z.literal('tool'), content: richContent, tool_call_id: z.string().min(1), name }).meta(OPEN),
  ])
  .meta({ id: 'ChatMessage', description: 'One message of a conversation.' });

export type ChatMessage = z.infer<typeof chatMessage>;
export type AssistantMessage = z.infer<typeof assistant>;
export type RichContent = z.infer<typeof richContent>;
