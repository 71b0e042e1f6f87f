import { type Payload } from '../core/engine/engine.js';
import { type ThreadOptions, type TurnOptions } from '../core/engine/options.js';
import { camelTranslator } from './protocol/translate.js';

const threadToCamel = camelTranslator('ThreadStartParams');
const turnToCamel = camelTranslator('TurnStartParams');
const inputToCamel = camelTranslator('UserInput');

/** The keys of the native API that are the engine's own; everything else in the options is the service's. */
const THREAD_KEYS = [
  'model',
  'model_provider',
  'cwd',
  'approval_policy',
  'sandbox',
  'base_instructions',
  'developer_instructions',
  'ephemeral',
  'dynamic_tools',
  'environments',
] as const;

const TURN_KEYS = [
  'model',
  'cwd',
  'approval_policy',
  'sandbox_policy',
  'output_schema',
  'service_tier_for_turn',
] as const;

/** Parameters of `thread/start`; those of `thread/resume` and `thread/fork` are alike, save for what only a start takes. */
export function toThreadParams(options: ThreadOptions): Payload {
  const params: Record<string, unknown> = pick(options, THREAD_KEYS);
  const { reasoning_effort: effort, config, raw_events: hasRawEvents } = options;
  if (effort !== undefined || config !== undefined) {
    params.config = {
      ...config,
      ...(effort === undefined ? {} : { model_reasoning_effort: effort }),
    };
  }
  return threadToCamel({ ...params, ...(hasRawEvents === true ? { experimental_raw_events: true } : {}) }) as Payload;
}

/** Parameters of `thread/resume` and `thread/fork`: a stored thread keeps the tools and the environments that it has. */
export function toResumeParams(options: ThreadOptions): Payload {
  const params = toThreadParams({ ...options, dynamic_tools: undefined, raw_events: false });
  return { ...params, environments: undefined, excludeTurns: true };
}

export function toTurnParams(options: TurnOptions): Payload {
  const params: Record<string, unknown> = pick(options, TURN_KEYS);
  if (options.reasoning_effort !== undefined) {
    params.effort = options.reasoning_effort;
  }
  if (options.reasoning_summary !== undefined) {
    params.summary = options.reasoning_summary;
  }
  return turnToCamel(params) as Payload;
}

export function toUserInput(input: readonly unknown[]): unknown[] {
  return input.map((part) => {
    const camel = inputToCamel(part) as Payload;
    return camel.type === 'text' ? { text_elements: [], ...camel } : camel;
  });
}

function pick<T extends object>(options: T, keys: readonly (keyof T & string)[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const key of keys) {
    if (options[key] !== undefined) {
      picked[key] = options[key];
    }
  }
  return picked;
}
