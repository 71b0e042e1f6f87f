import { type LanguageModelV4CallOptions, type SharedV4ProviderOptions } from '@ai-sdk/provider';
import { type ProviderWire } from '../../core/engine/model-provider.js';
import { untranslatable } from '../gateway-error.js';
import { type Fields, findNumber, findText, toFields, toList, toText } from './fields.js';
import { ToolRegistry } from './tool-registry.js';
import { toPrompt } from './to-prompt.js';
import { toToolChoice, toTools } from './to-tools.js';
import { type Warn } from './warn.js';

/** A request as the provider packages take it, and what the names of its tools stand for. */
export interface TranslatedRequest {
  options: LanguageModelV4CallOptions;
  book: ToolRegistry;
  /** Ids of the calls in the history, which those of new calls must differ from. */
  callIds: ReadonlySet<string>;
}

/** The name under which `createOpenAICompatible` reads its own options. */
export const CHAT_PROVIDER_NAME = 'upstream';

/** Throws `GatewayError` for what can't be said on the wire. */
export function toCallOptions(body: Fields, wire: ProviderWire, warn: Warn): TranslatedRequest {
  if (findText(body.previous_response_id) !== undefined) {
    throw untranslatable('"previous_response_id", which stands for a history that only the Responses API keeps,');
  }
  const book = new ToolRegistry();
  const input = toList(body.input);
  const tools = toTools(toOfferedTools(body, input), book, warn);
  const prompt = toPrompt(body.instructions, body.input, { wire, book, warn });
  const toolChoice = tools.length === 0 ? undefined : toToolChoice(body.tool_choice, book);
  const options: LanguageModelV4CallOptions = {
    prompt: wire === 'anthropic' ? withCacheMarks(prompt) : prompt,
    ...(tools.length === 0 ? {} : { tools }),
    ...(toolChoice && { toolChoice }),
    ...toSampling(body),
    ...toReasoning(body),
    ...toResponseFormat(body),
    ...toProviderOptions(body, wire, tools.length > 0),
  };
  warnOfDropped(body, warn);
  return { options, book, callIds: new Set(input.flatMap(({ call_id: id }) => findText(id) ?? [])) };
}

/** Some tools are offered, or found by a search, in the course of the history. */
const toOfferedTools = (body: Fields, input: readonly Fields[]): Fields[] => [
  ...toList(body.tools),
  ...input
    .filter(({ type }) => type === 'additional_tools' || type === 'tool_search_output')
    .flatMap(({ tools }) => toList(tools)),
];

function toSampling(body: Fields): Partial<LanguageModelV4CallOptions> {
  const values: [keyof LanguageModelV4CallOptions, unknown][] = [
    ['temperature', body.temperature],
    ['topP', body.top_p],
    ['presencePenalty', body.presence_penalty],
    ['frequencyPenalty', body.frequency_penalty],
    ['maxOutputTokens', body.max_output_tokens],
  ];
  return Object.fromEntries(values.filter(([, value]) => findNumber(value) !== undefined));
}

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

function toReasoning(body: Fields): Pick<LanguageModelV4CallOptions, 'reasoning'> {
  const { effort } = toFields(body.reasoning);
  const reasoning = EFFORTS.find((known) => known === effort);
  return reasoning === undefined ? {} : { reasoning };
}

function toResponseFormat(body: Fields): Pick<LanguageModelV4CallOptions, 'responseFormat'> {
  const { type, schema, name, description } = toFields(toFields(body.text).format);
  switch (type) {
    case 'json_schema':
      return {
        responseFormat: {
          type: 'json',
          schema: toFields(schema),
          ...(findText(name) === undefined ? {} : { name: toText(name) }),
          ...(findText(description) === undefined ? {} : { description: toText(description) }),
        },
      };
    case 'json_object':
      return { responseFormat: { type: 'json' } };
    default:
      return {};
  }
}

function toProviderOptions(
  body: Fields,
  wire: ProviderWire,
  hasTools: boolean,
): Pick<LanguageModelV4CallOptions, 'providerOptions'> {
  const isSerial = hasTools && body.parallel_tool_calls === false;
  const { strict } = toFields(toFields(body.text).format);
  switch (wire) {
    case 'chat':
      return {
        providerOptions: {
          [CHAT_PROVIDER_NAME]: {
            ...(isSerial ? { parallel_tool_calls: false } : {}),
            ...(strict === false ? { strictJsonSchema: false } : {}),
          },
        },
      };
    case 'anthropic':
      return isSerial ? { providerOptions: { anthropic: { disableParallelToolUse: true } } } : {};
    case 'gemini':
      return showsThoughts(body) ? { providerOptions: { google: { thinkingConfig: { includeThoughts: true } } } } : {};
    case 'deepseek':
      return {};
  }
}

/** Gemini tells its thoughts on request only, and models before 2.5 refuse the request. */
const showsThoughts = (body: Fields): boolean =>
  findText(toFields(body.reasoning).summary) !== undefined &&
  !/gemini-(1|2\.0)|gemma/.test(toText(body.model).toLowerCase());

const EPHEMERAL: SharedV4ProviderOptions = { anthropic: { cacheControl: { type: 'ephemeral' } } };

/**
 * Anthropic caches nothing unasked: marks after the system message and at the end make the next request of a thread
 * read what this one has written.
 */
function withCacheMarks(prompt: LanguageModelV4CallOptions['prompt']): LanguageModelV4CallOptions['prompt'] {
  const last = prompt.length - 1;
  return prompt.map((message, index) =>
    index === last || message.role === 'system' ? { ...message, providerOptions: EPHEMERAL } : message,
  );
}

function warnOfDropped(body: Fields, warn: Warn): void {
  if (findText(toFields(body.text).verbosity) !== undefined) {
    warn('"text.verbosity" is left out: only the Responses API has it.');
  }
  if (findText(body.service_tier) !== undefined) {
    warn('"service_tier" is left out: only the Responses API has it.');
  }
}
