import { randomUUID } from 'node:crypto';
import { type Payload } from '../../../core/engine/engine.js';
import { type CreateResponse } from '../schema/create-response.js';
import { type AnyTool } from '../schema/tools.js';

/** Of calls of tools that are no functions, and of their outputs. */
type ToolItemPrefix = 'ctc' | 'ctco' | 'lsh' | 'lsho';

export function newId(prefix: 'resp' | 'msg' | 'fco' | 'fc' | 'rs' | 'cmp' | 'conv' | 'item' | ToolItemPrefix): string {
  return `${prefix}_${randomUUID().replaceAll('-', '')}`;
}

export interface HeadFacts {
  responseId: string;
  createdAtMs: number;
  /** As the thread has it. */
  model: string;
  conversationId: string | null;
}

/** What a response says of its request: all keys are there, with the defaults where the request said nothing. */
export function toHead(body: CreateResponse, facts: HeadFacts): Payload {
  const { responseId, createdAtMs, model, conversationId } = facts;
  return {
    id: responseId,
    object: 'response',
    created_at: Math.floor(createdAtMs / 1000),
    completed_at: null,
    status: 'in_progress',
    incomplete_details: null,
    model,
    previous_response_id: body.previous_response_id ?? null,
    instructions: body.instructions ?? null,
    output: [],
    error: null,
    ...toToolFields(body),
    ...toSampling(body),
    ...toOptions(body),
    ...(conversationId === null ? {} : { conversation: { id: conversationId } }),
    ...(body.user ? { user: body.user } : {}),
  };
}

function toToolFields(body: CreateResponse): Payload {
  return {
    tools: (body.tools ?? []).map(toTool),
    tool_choice: body.tool_choice ?? 'auto',
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    max_tool_calls: null,
  };
}

function toTool(tool: AnyTool): Payload {
  if (tool.type !== 'function') {
    return tool;
  }
  const { name, description, parameters, strict } = tool;
  return {
    type: 'function',
    name,
    description: description ?? null,
    parameters: parameters ?? null,
    strict: strict ?? true,
  };
}

function toSampling(body: CreateResponse): Payload {
  return {
    top_p: or(body.top_p, 1),
    presence_penalty: or(body.presence_penalty, 0),
    frequency_penalty: or(body.frequency_penalty, 0),
    top_logprobs: 0,
    temperature: or(body.temperature, 1),
    truncation: or(body.truncation, 'disabled'),
  };
}

function toOptions(body: CreateResponse): Payload {
  return {
    text: { format: toFormat(body.text?.format), verbosity: or(body.text?.verbosity, 'medium') },
    reasoning: toReasoning(body.reasoning),
    usage: null,
    max_output_tokens: or(body.max_output_tokens, null),
    store: or(body.store, true),
    background: or(body.background, false),
    service_tier: toTier(body.service_tier),
    metadata: or(body.metadata, {}),
    safety_identifier: or(body.safety_identifier, null),
    prompt_cache_key: or(body.prompt_cache_key, null),
  };
}

function toReasoning(reasoning: CreateResponse['reasoning']): Payload {
  return { effort: or(reasoning?.effort, null), summary: or(reasoning?.summary ?? reasoning?.generate_summary, null) };
}

function or<T, F>(value: T | null | undefined, fallback: F): T | F {
  return value ?? fallback;
}

function toTier(tier: CreateResponse['service_tier']): string {
  return tier === undefined || tier === null || tier === 'auto' ? 'default' : tier;
}

function toFormat(format: NonNullable<CreateResponse['text']>['format']): Payload {
  if (format?.type !== 'json_schema') {
    return { type: format?.type ?? 'text' };
  }
  const { name, description, schema, strict } = format;
  return { type: 'json_schema', name, description: description ?? null, schema, strict: strict ?? true };
}
