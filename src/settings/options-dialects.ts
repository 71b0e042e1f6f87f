import { type OptionOf } from './option.js';
import { type DialectValues, UNSUPPORTED_PARAMETERS } from './settings.js';
import * as value from './value-parsers.js';

/** What the OpenAI dialects do with what their clients send. */
export const DIALECT_OPTIONS = [
  {
    name: 'isExposingReasoningModels',
    flag: 'expose-reasoning-models',
    env: ['CODEX_SERVE_EXPOSE_REASONING_MODELS'],
    help: 'list a model once per reasoning effort',
    defaultHelp: 'off',
    parse: value.parseSwitch,
  },
  {
    name: 'unsupportedParameters',
    flag: 'unsupported-parameters',
    env: ['CODEX_WEB_UNSUPPORTED_PARAMETERS'],
    placeholder: 'ignore|refuse',
    help: 'what becomes of harmless OpenAI parameters that have no effect here',
    defaultHelp: 'ignore',
    parse: value.parseChoice(UNSUPPORTED_PARAMETERS),
  },
] satisfies readonly OptionOf[];

export function defaultDialects(): DialectValues {
  return { isExposingReasoningModels: false, unsupportedParameters: 'ignore' };
}
