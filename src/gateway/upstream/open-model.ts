import { type LanguageModelV4 } from '@ai-sdk/provider';
import { type ModelProvider, type ProviderWire } from '../../core/agent/model-provider.js';
import { CHAT_PROVIDER_NAME } from '../request/to-call-options.js';

export interface Access {
  fetch: typeof globalThis.fetch;
  /** What the engine has sent as `Authorization: Bearer`; `undefined` for a provider that needs none. */
  bearerToken: string | undefined;
  /** What the configuration adds to each request. */
  headers: Readonly<Record<string, string>>;
}

/** Opens a model of a provider; `model` as the engine names it. */
type OpenModel = (provider: ModelProvider, model: string, access: Access) => LanguageModelV4;

/** Some packages refuse to start without a key; a server that needs none takes any. */
const NO_KEY = 'none';

/** How each wire's package is loaded: only where a provider speaks it, as together they take half a second. */
const LOADERS: Readonly<Record<ProviderWire, () => Promise<OpenModel>>> = {
  chat: async () => {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    return ({ baseUrl }, model, { fetch, bearerToken, headers }) =>
      createOpenAICompatible({
        name: CHAT_PROVIDER_NAME,
        baseURL: baseUrl,
        ...(bearerToken === undefined ? {} : { apiKey: bearerToken }),
        headers: { ...headers },
        fetch,
        includeUsage: true,
        supportsStructuredOutputs: true,
      }).chatModel(model);
  },
  deepseek: async () => {
    const { createDeepSeek } = await import('@ai-sdk/deepseek');
    return ({ baseUrl }, model, { fetch, bearerToken = NO_KEY, headers }) =>
      createDeepSeek({ baseURL: baseUrl, apiKey: bearerToken, headers: { ...headers }, fetch }).chat(model);
  },
  anthropic: async () => {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    return ({ baseUrl }, model, { fetch, bearerToken = NO_KEY, headers }) =>
      createAnthropic({ baseURL: baseUrl, apiKey: bearerToken, headers: { ...headers }, fetch }).languageModel(model);
  },
  gemini: async () => {
    const { createGoogle } = await import('@ai-sdk/google');
    return ({ baseUrl }, model, { fetch, bearerToken = NO_KEY, headers }) =>
      createGoogle({ baseURL: baseUrl, apiKey: bearerToken, headers: { ...headers }, fetch }).languageModel(model);
  },
};

const loaded = new Map<ProviderWire, Promise<OpenModel>>();

/** The same package once only, whoever asks. */
export function loadOpener(wire: ProviderWire): Promise<OpenModel> {
  const known = loaded.get(wire);
  if (known) {
    return known;
  }
  const loading = LOADERS[wire]();
  loaded.set(wire, loading);
  return loading;
}
