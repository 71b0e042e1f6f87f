import { type OptionOf } from './option.js';
import { type BridgeValues } from './settings.js';
import * as value from './value-parsers.js';

/** What the environment of a server with `/api/thread/*` says beside the rest; overrides of the engine's configuration. */
export const BRIDGE_OPTIONS = [
  {
    name: 'bridgeRequestTimeoutMs',
    env: ['CODEX_REQUEST_TIMEOUT'],
    placeholder: 'SECONDS',
    help: 'how long a request of the bridge dialect may take',
    defaultHelp: '300',
    parse: value.parseSeconds,
  },
  {
    name: 'reasoningEffort',
    env: ['CODEX_MODEL_REASONING_EFFORT'],
    placeholder: 'EFFORT',
    help: 'reasoning effort of new threads, such as low, medium or high',
    defaultHelp: 'config.toml',
    parse: value.parseText,
  },
  {
    name: 'apiBaseUrl',
    env: ['CODEX_API_BASE_URL'],
    placeholder: 'URL',
    help: 'where the model provider is (Responses API); CODEX_API_KEY is sent there as its key',
    defaultHelp: 'config.toml',
    parse: value.parseHttpUrl,
  },
  {
    name: 'clientName',
    env: ['CODEX_CLIENT_NAME'],
    placeholder: 'NAME',
    help: 'what the engine is told who uses it',
    defaultHelp: 'codex_web_server',
    parse: value.parseText,
  },
] satisfies readonly OptionOf[];

export function defaultBridge(): BridgeValues {
  return { bridgeRequestTimeoutMs: 300_000, reasoningEffort: null, apiBaseUrl: null, clientName: 'codex_web_server' };
}
