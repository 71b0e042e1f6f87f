import { z } from 'zod';

const nullable = <T extends z.ZodType>(schema: T): z.ZodNullable<T> => schema.nullable();
const anyObject = z.record(z.string(), z.unknown());

const outputText = z
  .object({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: z.array(z.unknown()),
    logprobs: z.array(z.unknown()),
  })
  .meta({ id: 'ResponseOutputText', description: 'What the model said.' });

const status = z.enum(['in_progress', 'completed', 'incomplete']);

const outputMessage = z
  .object({
    type: z.literal('message'),
    id: z.string(),
    status,
    role: z.literal('assistant'),
    phase: z.enum(['commentary', 'final_answer']).optional(),
    content: z.array(outputText),
  })
  .meta({ id: 'ResponseOutputMessage', description: 'A message of the model.' });

const functionCall = z
  .object({
    type: z.literal('function_call'),
    id: z.string(),
    call_id: z.string().describe('Names the call in its function_call_output.'),
    name: z.string(),
    namespace: z.string().optional().describe('Of the tool, if it was offered in one.'),
    arguments: z.string().describe('JSON text.'),
    status,
  })
  .meta({ id: 'ResponseFunctionCall', description: "A call of the caller's function." });

const customToolCall = z
  .object({
    type: z.literal('custom_tool_call'),
    id: z.string(),
    call_id: z.string().describe('Names the call in its custom_tool_call_output.'),
    name: z.string(),
    namespace: z.string().optional(),
    input: z.string(),
    status,
  })
  .meta({ id: 'ResponseCustomToolCall', description: "A call of the caller's custom tool." });

const localShellCall = z
  .object({
    type: z.literal('local_shell_call'),
    id: z.string(),
    call_id: z.string(),
    action: z.object({
      type: z.literal('exec'),
      command: z.array(z.string()),
      env: z.record(z.string(), z.string()),
      timeout_ms: nullable(z.number()),
      user: z.null(),
      working_directory: nullable(z.string()),
    }),
    status,
  })
  .meta({ id: 'ResponseLocalShellCall', description: 'A command for the caller to run.' });

const reasoning = z
  .object({
    type: z.literal('reasoning'),
    id: z.string(),
    status,
    summary: z.array(z.object({ type: z.literal('summary_text'), text: z.string() })),
    content: z.array(z.object({ type: z.literal('reasoning_text'), text: z.string() })).optional(),
    encrypted_content: nullable(z.string()).optional(),
  })
  .meta({ id: 'ResponseReasoning', description: 'What the model thought.' });

const codexItem = z
  .looseObject({ type: z.templateLiteral(['codex:', z.string()]), id: z.string(), status })
  .meta({ id: 'ResponseCodexItem', description: 'What Codex did itself, for callers that asked for it.' });

const outputItem = z
  .union([outputMessage, functionCall, customToolCall, localShellCall, reasoning, codexItem])
  .meta({ id: 'ResponseOutputItem', description: 'One item of the output.' });

const usage = z
  .object({
    input_tokens: z.int(),
    input_tokens_details: z.object({ cached_tokens: z.int() }),
    output_tokens: z.int(),
    output_tokens_details: z.object({ reasoning_tokens: z.int() }),
    total_tokens: z.int(),
  })
  .meta({ id: 'ResponseUsage', description: 'Tokens used by the model calls of this response.' });

export const responseResource = z
  .object({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.int().describe('Unix seconds.'),
    completed_at: nullable(z.int()),
    status: z.enum(['queued', 'in_progress', 'completed', 'failed', 'incomplete', 'cancelled']),
    incomplete_details: nullable(z.object({ reason: z.string() })),
    model: z.string(),
    previous_response_id: nullable(z.string()),
    instructions: nullable(z.string()),
    output: z.array(outputItem),
    error: nullable(z.object({ code: z.string(), message: z.string() })),
    tools: z.array(anyObject),
    tool_choice: z.union([z.string(), anyObject]),
    parallel_tool_calls: z.boolean(),
    max_tool_calls: z.null(),
    top_p: z.number(),
    presence_penalty: z.number(),
    frequency_penalty: z.number(),
    top_logprobs: z.int(),
    temperature: z.number(),
    truncation: z.string(),
    text: z.object({ format: anyObject, verbosity: z.string() }),
    reasoning: z.object({ effort: nullable(z.string()), summary: nullable(z.string()) }),
    usage: nullable(usage),
    max_output_tokens: nullable(z.int()),
    store: z.boolean(),
    background: z.boolean(),
    service_tier: z.string(),
    metadata: z.record(z.string(), z.string()),
    safety_identifier: nullable(z.string()),
    prompt_cache_key: nullable(z.string()),
    conversation: z.object({ id: z.string() }).optional(),
    user: z.string().optional(),
  })
  .meta({ id: 'ResponseResource', description: 'A response. It is a thread and a turn of the native API too.' });

export const streamEvent = z
  .looseObject({ type: z.string(), sequence_number: z.int() })
  .meta({ id: 'ResponseStreamEvent', description: 'One event of a stream; `event:` is its `type`.' });

const compaction = z
  .object({ type: z.literal('compaction'), id: z.string(), encrypted_content: z.string() })
  .meta({ id: 'ResponseCompactionItem', description: 'A conversation summed up; only this server can read it.' });

export const compactionResource = z
  .object({
    id: z.string(),
    object: z.literal('response.compaction'),
    created_at: z.int(),
    output: z.array(compaction),
    usage,
  })
  .meta({ id: 'ResponseCompaction', description: 'To be given as input in place of the conversation.' });

export const deletedResponse = z
  .object({ id: z.string(), object: z.literal('response'), deleted: z.literal(true) })
  .meta({ id: 'ResponseDeleted', description: 'The response is no more; its thread stays.' });

export const conversationItem = z
  .looseObject({ type: z.string(), id: z.string() })
  .meta({ id: 'ConversationItem', description: 'What was said, called or given.' });

export const inputItemList = z
  .object({
    object: z.literal('list'),
    data: z.array(anyObject),
    first_id: nullable(z.string()),
    last_id: nullable(z.string()),
    has_more: z.boolean(),
  })
  .meta({ id: 'ResponseItemList', description: 'A page of items.' });

/** Names the component of a schema that has an id. */
export function ref(schema: z.ZodType): { $ref: string } {
  return { $ref: `#/components/schemas/${schema.meta()?.id ?? ''}` };
}
