import { ServiceError } from '../../core/errors.js';
import { toSchemaFault } from '../../http/validation/parse-by-schema.js';
import { type Ineffective, type RequestForm } from '../openai/request-reader.js';
import { chatRequest, type ChatRequest, NO_SAMPLING } from './chat-request.js';

/** How a request for a completion is read. */
export const CHAT_FORM: RequestForm<ChatRequest> = {
  schema: chatRequest,
  toFault: toSchemaFault,
  toRefusal: ({ path, message }) =>
    new ServiceError('invalid_request', `The request is not valid: ${path}: ${message.replace(/\.$/, '')}.`, {
      fields: [{ path, message }],
    }),
  toIneffective: (body) => [...SAMPLING.flatMap((name) => toSampling(name, body)), ...toOthers(body)],
};

const SAMPLING = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'seed'] as const;
const DEFAULTS = { temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0, seed: null } as const;

function toSampling(name: (typeof SAMPLING)[number], body: ChatRequest): Ineffective[] {
  const usual = DEFAULTS[name];
  if (body[name] === undefined || body[name] === null || body[name] === usual) {
    return [];
  }
  const message =
    usual === null
      ? `is not possible here: ${NO_SAMPLING}`
      : `only ${String(usual)}, the default, is possible here: ${NO_SAMPLING}`;
  return [{ name, refusal: { path: name, message } }];
}

const TIERS = ['auto', 'default', 'flex', 'priority'];

function toOthers(body: ChatRequest): Ineffective[] {
  const { stream_options: options, service_tier: tier, tools } = body;
  return [
    ...refusedIf(options && body.stream !== true, 'stream_options', 'is only possible with stream: true'),
    ...refusedIf(options?.include_obfuscation, 'stream_options.include_obfuscation', 'chunks are not padded'),
    ...refusedIf(
      body.store,
      'store',
      'only false, the default, is possible here: completions are not kept under their ids; the thread of each is, at /api/v2/threads.',
    ),
    ...refusedIf(body.prediction, 'prediction', 'is not possible here: the engine takes none.'),
    ...refusedIf(tier && !TIERS.includes(tier), 'service_tier', `must be one of ${TIERS.join(', ')}`),
    ...refusedIf(body.functions, 'functions', 'is not possible here: send tools instead.'),
    ...refusedIf(body.function_call, 'function_call', 'is not possible here: send tool_choice instead.'),
    ...refusedIf(body.top_logprobs === 0, 'top_logprobs', 'is not possible here: the engine tells none.'),
    ...refusedIf(body.max_tokens === -1, 'max_tokens', 'must be at least 1'),
    ...refusedIf(body.max_completion_tokens === -1, 'max_completion_tokens', 'must be at least 1'),
    ...(body.prompt_cache_key ? [{ name: 'prompt_cache_key' }] : []),
    ...(tools?.some((tool) => tool.function.strict === true) ? [{ name: 'tools[].function.strict' }] : []),
  ];
}

function refusedIf(isGiven: unknown, name: string, message: string): Ineffective[] {
  return isGiven ? [{ name, refusal: { path: name, message } }] : [];
}
