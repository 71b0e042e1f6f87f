import { z } from 'zod';
import { inputContent, messageContent, text } from './content.js';

const id = z.string().max(512).nullish();
const status = z.enum(['in_progress', 'completed', 'incomplete']).nullish();
const callId = z.string().min(1).max(512);

const messageFields = {
  id,
  status,
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: z.union([text, z.array(messageContent)]),
  phase: z.enum(['commentary', 'final_answer']).nullish(),
};

const message = z
  .object({ type: z.literal('message'), ...messageFields })
  .meta({ id: 'ResponseInputMessage', description: 'A message of any role.' });

/** As the SDKs' short form has it. */
const bareMessage = z
  .object({ type: z.undefined().optional(), ...messageFields })
  .transform((item) => ({ ...item, type: 'message' as const }));

const functionCall = z
  .object({ type: z.literal('function_call'), id, status, call_id: callId, name: z.string().min(1), arguments: text })
  .meta({ id: 'ResponseGivenFunctionCall', description: "A call of the caller's function, given back." });

const functionCallOutput = z
  .object({
    type: z.literal('function_call_output'),
    id,
    status,
    call_id: callId,
    output: z.union([text, z.array(inputContent)]),
  })
  .meta({ id: 'ResponseFunctionCallOutput', description: 'What a function gave.' });

const reasoning = z
  .object({
    type: z.literal('reasoning'),
    id,
    status,
    summary: z.array(z.object({ type: z.literal('summary_text'), text })),
    content: z.array(z.object({ type: z.literal('reasoning_text'), text })).nullish(),
    encrypted_content: text.nullish(),
  })
  .meta({ id: 'ResponseGivenReasoning', description: 'What the model thought, given back.' });

const compaction = z
  .object({ type: z.literal('compaction'), id, encrypted_content: text })
  .meta({ id: 'ResponseGivenCompaction', description: 'What POST /v1/responses/compact made of a conversation.' });

const itemReference = z
  .object({ type: z.literal('item_reference'), id: z.string().min(1).max(512) })
  .meta({ id: 'ResponseItemReference', description: 'An item of a stored response, by its id.' });

/** Codex's own items, which a caller that asked for them may give back: they are in the thread already. */
const codexItem = z
  .object({ type: z.templateLiteral(['codex:', z.string()]) })
  .meta({ id: 'ResponseGivenCodexItem', description: "One of Codex's own items, given back: it is left out." });

const typedItem = z.discriminatedUnion('type', [
  message,
  functionCall,
  functionCallOutput,
  reasoning,
  compaction,
  itemReference,
]);

export const inputItem = z.union([typedItem, bareMessage, codexItem]);
export type InputItem = z.infer<typeof inputItem>;
export type TypedItem = z.infer<typeof typedItem>;

export const input = z.union([text, z.array(inputItem).max(10_000)]);
