import { type Json } from './start-app.js';

/** What a model says in one answer, in no wire's words. */
export interface Saying {
  thoughts?: readonly string[];
  text?: readonly string[];
  calls?: readonly { name: string; input: Json }[];
  /** In the wire's own word; the usual one unless given. */
  finish?: string;
}

/** How a server of models streams: its quirks are those that were seen of the real ones. */
export interface UpstreamWire {
  /** For `wire_api`. */
  wireApi: 'chat' | 'deepseek' | 'anthropic' | 'gemini';
  /** What follows the server's address in a base URL. */
  basePath: string;
  frames: (saying: Saying) => string[];
  /** The tools of a request by name. */
  toolNames: (body: Json) => string[];
  /** The results of tools in a request, as text. */
  toolResults: (body: Json) => string[];
}

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const halves = (text: string): string[] => [text.slice(0, 7), text.slice(7)];
const list = (value: unknown): Json[] => (value ?? []) as Json[];

interface ChatQuirks {
  base: Json;
  thoughtsField: string;
  isSplitting: boolean;
  /** Beside the words in each chunk. */
  always: Json;
  toCallId: (index: number) => string;
  callsFinish: string;
  usage: Json;
  /** Whether usage comes with the last choice, or in a chunk of its own. */
  hasUsageInLast: boolean;
  comment: string;
}

function toChatFrames({ thoughts = [], text = [], calls = [], finish }: Saying, quirks: ChatQuirks): string[] {
  const { base, always, usage } = quirks;
  const chunk = (delta: Json, finishReason: string | null = null, more: Json = {}): string =>
    data({ ...base, choices: [{ index: 0, delta: { ...always, ...delta }, finish_reason: finishReason }], ...more });
  const reason = finish ?? (calls.length > 0 ? quirks.callsFinish : 'stop');
  return [
    quirks.comment,
    chunk({ role: 'assistant' }),
    ...thoughts.map((thought) => chunk({ [quirks.thoughtsField]: thought })),
    ...text.map((content) => chunk({ content })),
    ...calls.flatMap(({ name, input }, index) => {
      const call = (id: string | undefined, fields: Json): string =>
        chunk({ tool_calls: [{ index, ...(id && { id, type: 'function' }), function: fields }] });
      const [first, rest] = halves(JSON.stringify(input));
      const id = quirks.toCallId(index);
      return quirks.isSplitting
        ? [
            call(id, { name, arguments: '' }),
            call(undefined, { arguments: first }),
            call(undefined, { arguments: rest }),
          ]
        : [call(id, { name, arguments: JSON.stringify(input) })];
    }),
    chunk({}, reason, quirks.hasUsageInLast ? { usage } : {}),
    ...(quirks.hasUsageInLast ? [] : [data({ ...base, choices: [], usage })]),
    'data: [DONE]\n\n',
  ];
}

const chatTools = {
  toolNames: (body: Json) => list(body.tools).map((tool) => String((tool.function as Json).name)),
  toolResults: (body: Json) =>
    list(body.messages)
      .filter(({ role }) => role === 'tool')
      .map(({ content }) => String(content)),
};

const lmStudio: UpstreamWire = {
  wireApi: 'chat',
  basePath: '/v1',
  ...chatTools,
  frames: (saying) =>
    toChatFrames(saying, {
      base: {
        id: 'chatcmpl-lms',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'qwen',
        system_fingerprint: 'qwen',
      },
      thoughtsField: 'reasoning_content',
      isSplitting: true,
      always: {},
      // Numbers as text, which start again with each answer.
      toCallId: (index) => String(365_174_485 + index),
      callsFinish: 'tool_calls',
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
      hasUsageInLast: false,
      comment: '',
    }),
};

const ollama: UpstreamWire = {
  wireApi: 'chat',
  basePath: '/v1',
  ...chatTools,
  frames: (saying) =>
    toChatFrames(saying, {
      base: {
        id: 'chatcmpl-7',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'llama3.2',
        system_fingerprint: 'fp_ollama',
      },
      thoughtsField: 'reasoning',
      isSplitting: false,
      always: { role: 'assistant', content: '' },
      toCallId: (index) => `call_ol${String(index)}`,
      callsFinish: 'stop',
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
      hasUsageInLast: false,
      comment: '',
    }),
};

const deepSeek: UpstreamWire = {
  wireApi: 'deepseek',
  basePath: '/v1',
  ...chatTools,
  frames: (saying) =>
    toChatFrames(saying, {
      base: {
        id: 'ds-1',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'deepseek-v4-pro',
        system_fingerprint: 'fp',
      },
      thoughtsField: 'reasoning_content',
      isSplitting: true,
      always: { content: null },
      toCallId: (index) => `call_${String(index)}_ds`,
      callsFinish: 'tool_calls',
      usage: {
        prompt_tokens: 11,
        completion_tokens: 7,
        total_tokens: 18,
        prompt_cache_hit_tokens: 5,
        prompt_cache_miss_tokens: 6,
        completion_tokens_details: { reasoning_tokens: 3 },
      },
      hasUsageInLast: true,
      comment: ': keep-alive\n\n',
    }),
};

const event = (type: string, fields: Json): string => `event: ${type}\n${data({ type, ...fields })}`;

function toAnthropicFrames({ thoughts = [], text = [], calls = [], finish }: Saying): string[] {
  const blocks = [
    ...(thoughts.length > 0
      ? [
          {
            start: { type: 'thinking', thinking: '', signature: '' },
            deltas: [
              ...thoughts.map((thinking) => ({ type: 'thinking_delta', thinking })),
              { type: 'signature_delta', signature: 'c2lnbmVk' },
            ],
          },
        ]
      : []),
    ...(text.length > 0
      ? [{ start: { type: 'text', text: '' }, deltas: text.map((part) => ({ type: 'text_delta', text: part })) }]
      : []),
    ...calls.map(({ name, input }, index) => ({
      start: { type: 'tool_use', id: `toolu_${name}_${String(index)}`, name, input: {} },
      deltas: ['', ...halves(JSON.stringify(input))].map((part) => ({ type: 'input_json_delta', partial_json: part })),
    })),
  ];
  const usage = { input_tokens: 6, cache_creation_input_tokens: 0, cache_read_input_tokens: 5, output_tokens: 1 };
  return [
    event('message_start', {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude',
        content: [],
        stop_reason: null,
        usage,
      },
    }),
    event('ping', {}),
    ...blocks.flatMap(({ start, deltas }, index) => [
      event('content_block_start', { index, content_block: start }),
      ...deltas.map((delta) => event('content_block_delta', { index, delta })),
      event('content_block_stop', { index }),
    ]),
    event('message_delta', {
      delta: { stop_reason: finish ?? (calls.length > 0 ? 'tool_use' : 'end_turn'), stop_sequence: null },
      usage: { output_tokens: 7 },
    }),
    event('message_stop', {}),
  ];
}

const anthropic: UpstreamWire = {
  wireApi: 'anthropic',
  basePath: '/v1',
  frames: toAnthropicFrames,
  toolNames: (body) => list(body.tools).map(({ name }) => String(name)),
  toolResults: (body) =>
    list(body.messages)
      .flatMap(({ content }) => (Array.isArray(content) ? (content as Json[]) : []))
      .filter(({ type }) => type === 'tool_result')
      .map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content))),
};

function toGeminiFrames({ thoughts = [], text = [], calls = [], finish }: Saying): string[] {
  const chunk = (parts: Json[], more: Json = {}): string =>
    data({ candidates: [{ content: { role: 'model', parts }, index: 0, ...more }], modelVersion: 'gemini-3-pro' });
  return [
    ...thoughts.map((thought) => chunk([{ text: thought, thought: true }])),
    ...text.map((part) => chunk([{ text: part }])),
    // All calls of an answer come whole and in one chunk; the first is signed.
    ...(calls.length > 0
      ? [
          chunk(
            calls.map(({ name, input }, index) => ({
              functionCall: { name, args: input },
              ...(index === 0 ? { thoughtSignature: 'Z2VtaW5p' } : {}),
            })),
          ),
        ]
      : []),
    data({
      candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: finish ?? 'STOP', index: 0 }],
      usageMetadata: {
        promptTokenCount: 11,
        cachedContentTokenCount: 5,
        candidatesTokenCount: 4,
        thoughtsTokenCount: 3,
        totalTokenCount: 18,
      },
    }),
  ];
}

const gemini: UpstreamWire = {
  wireApi: 'gemini',
  basePath: '/v1beta',
  frames: toGeminiFrames,
  toolNames: (body) =>
    list(body.tools).flatMap((tool) => list(tool.functionDeclarations).map(({ name }) => String(name))),
  toolResults: (body) =>
    list(body.contents)
      .flatMap(({ parts }) => list(parts))
      .filter(({ functionResponse }) => functionResponse !== undefined)
      .map(({ functionResponse }) => JSON.stringify(functionResponse)),
};

export const UPSTREAM_WIRES = {
  'LM Studio': lmStudio,
  Ollama: ollama,
  DeepSeek: deepSeek,
  Anthropic: anthropic,
  Gemini: gemini,
};
export type UpstreamName = keyof typeof UPSTREAM_WIRES;
