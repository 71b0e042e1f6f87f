import { toOpenAiFault } from '../../openai/openai-body.js';
import { type Ineffective, type RequestForm } from '../../openai/request-reader.js';
import {
  type CompactResponse,
  compactResponse,
  type CreateFrame,
  createFrame,
  type CreateResponse,
  createResponse,
  GIVEN_INCLUDES,
} from '../schema/create-response.js';
import { isIgnoredItem } from '../schema/items.js';
import { invalid } from './check-create.js';
import { type IgnoredTool, toIgnoredTools } from './offered-tools.js';

const OPENAI_WORDS: Pick<RequestForm<unknown>, 'toFault' | 'toRefusal'> = {
  toFault: toOpenAiFault,
  toRefusal: ({ path, message }) => invalid(message, 'invalid_value', path),
};

/** How a request for a response is read. */
export const CREATE_FORM: RequestForm<CreateResponse> = { ...OPENAI_WORDS, schema: createResponse, toIneffective };

/** The same request as a frame of a socket. */
export const FRAME_FORM: RequestForm<CreateFrame> = { ...OPENAI_WORDS, schema: createFrame, toIneffective };

export const COMPACT_FORM: RequestForm<CompactResponse> = {
  ...OPENAI_WORDS,
  schema: compactResponse,
  toIneffective: ({ prompt_cache_key: key }) => (key ? [{ name: 'prompt_cache_key' }] : []),
};

type Asked = Omit<CreateResponse, 'stream' | 'background'>;

/** What a parameter asks for that is done in any case. */
const DEFAULTS = {
  ...{ temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0, truncation: 'disabled' },
  ...{ user: '', safety_identifier: '', prompt_cache_key: '', prompt_cache_retention: '' },
} as const satisfies Partial<Record<keyof Asked, unknown>>;

const TIERS: readonly string[] = ['auto', 'default', 'flex', 'priority'];
const TIERS_TAKEN: readonly string[] = [...TIERS, 'scale'];

function toIneffective(body: Asked): Ineffective[] {
  const { stream_options: options, service_tier: tier, tools } = body;
  const names = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[];
  return [
    ...names.filter((name) => (body[name] ?? DEFAULTS[name]) !== DEFAULTS[name]).map((name) => ({ name })),
    ...(options?.include_obfuscation === true ? [{ name: 'stream_options.include_obfuscation' }] : []),
    ...(tools?.some((tool) => tool.type === 'function' && tool.strict === true) ? [{ name: 'tools[].strict' }] : []),
    ...toIgnoredTools(body).map(toIneffectiveTool),
    ...toIgnoredItems(body.input),
    ...(tier && !TIERS.includes(tier) ? [toIneffectiveTier(tier)] : []),
    ...toVoidIncludes(body.include),
  ];
}

const TOOL_TYPES = ['function', 'custom', 'namespace', 'local_shell'];

function toIneffectiveTool({ type, path }: IgnoredTool): Ineffective {
  return { name: `tools[${type}]`, refusal: toUnsupported(`${path}.type`, type, TOOL_TYPES) };
}

function toIgnoredItems(input: Asked['input']): Ineffective[] {
  return (Array.isArray(input) ? input : []).flatMap(({ type }, index): Ineffective[] => {
    const refusal = { path: `input[${String(index)}].type`, message: `Invalid value: '${type}'.` };
    return isIgnoredItem(type) ? [{ name: `input[${type}]`, refusal }] : [];
  });
}

function toIneffectiveTier(tier: string): Ineffective {
  const name = 'service_tier';
  return TIERS_TAKEN.includes(tier) ? { name } : { name, refusal: toUnsupported(name, tier, TIERS_TAKEN) };
}

function toVoidIncludes(include: Asked['include']): Ineffective[] {
  return (include ?? []).flatMap((value, index): Ineffective[] => {
    const isGiven = (GIVEN_INCLUDES as readonly string[]).includes(value);
    return isGiven
      ? []
      : [{ name: 'include[]', refusal: toUnsupported(`include[${String(index)}]`, value, GIVEN_INCLUDES) }];
  });
}

function toUnsupported(path: string, value: string, values: readonly string[]): { path: string; message: string } {
  const supported = values.map((one) => `'${one}'`).join(', ');
  return { path, message: `Invalid value: '${value}'. Supported values are: ${supported}.` };
}
