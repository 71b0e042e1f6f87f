import { z } from 'zod';
import { inputContent, messageContent, text } from './content.js';
import { anyTool } from './tools.js';

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
  .object({
    type: z.literal('function_call'),
    id,
    status,
    call_id: callId,
    name: z.string().min(1),
    namespace: z.string().nullish(),
    arguments: text,
  })
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

const output = z.union([text, z.array(inputContent)]);

const customCall = z
  .object({
    type: z.literal('custom_tool_call'),
    id,
    status,
    call_id: callId,
    name: z.string().min(1),
    namespace: z.string().nullish(),
    input: text,
  })
  .meta({ id: 'ResponseGivenCustomToolCall', description: "A call of the caller's custom tool, given back." });

const customCallOutput = z
  .object({ type: z.literal('custom_tool_call_output'), id, status, call_id: callId, output })
  .meta({ id: 'ResponseCustomToolCallOutput', description: 'What a custom tool gave.' });

const localShellCall = z
  .object({
    type: z.literal('local_shell_call'),
    id,
    status,
    call_id: callId,
    action: z.object({
      type: z.literal('exec'),
      command: z.array(z.string()),
      working_directory: z.string().nullish(),
      timeout_ms: z.number().nullish(),
    }),
  })
  .meta({ id: 'ResponseGivenLocalShellCall', description: 'A command for the caller to run, given back.' });

const localShellCallOutput = z
  .object({
    type: z.literal('local_shell_call_output'),
    id: callId.describe('The `call_id` of the call, unless that is given.'),
    status,
    call_id: callId.nullish(),
    output: text,
  })
  .meta({ id: 'ResponseLocalShellCallOutput', description: 'What a command printed.' });

/** Where a client puts its tools into the input; they count for the request as those in `tools` do. */
const additionalTools = z
  .object({ type: z.literal('additional_tools'), id, role: z.string().nullish(), tools: z.array(anyTool).max(128) })
  .meta({ id: 'ResponseAdditionalTools', description: 'More tools, given within the input.' });

/** What is known of tools that are not there: the messages have what came of them. */
const IGNORED_ITEMS = ['web_search_call', 'image_generation_call', 'tool_search_call', 'tool_search_output'] as const;
export type IgnoredType = (typeof IGNORED_ITEMS)[number];

export function isIgnoredItem(type: string): type is IgnoredType {
  return (IGNORED_ITEMS as readonly string[]).includes(type);
}

const ignoredItem = z
  .looseObject({ type: z.enum(IGNORED_ITEMS) })
  .meta({ id: 'ResponseIgnoredItem', description: 'What a tool did that is not there: it is left out.' });

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
  customCall,
  customCallOutput,
  localShellCall,
  localShellCallOutput,
  additionalTools,
  ignoredItem,
  reasoning,
  compaction,
  itemReference,
]);

export const inputItem = z.union([typedItem, bareMessage, codexItem]);
export type InputItem = z.infer<typeof inputItem>;
export type TypedItem = z.infer<typeof typedItem>;

export const input = z.union([text, z.array(inputItem).max(10_000)]);
