import { type LanguageModelV4 } from '@ai-sdk/provider';
import { type ModelProvider, type ProviderWire } from '../../core/engine/model-provider.js';
import { CHAT_PROVIDER_NAME } from '../request/to-call-options.js';

type Fetch = typeof globalThis.fetch;

/** Opens a model of a provider; `model` as the engine names it. */
type OpenModel = (baseURL: string, model: string, fetch: Fetch) => LanguageModelV4;

/** Some packages refuse to start without a key; the key itself comes with each request. */
const apiKey = 'none';

/** How each wire's package is loaded: only where a provider speaks it, as together they take half a second. */
const LOADERS: Readonly<Record<ProviderWire, () => Promise<OpenModel>>> = {
  chat: async () => {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    const options = { name: CHAT_PROVIDER_NAME, includeUsage: true, supportsStructuredOutputs: true };
    return (baseURL, model, fetch) => createOpenAICompatible({ ...options, baseURL, fetch }).chatModel(model);
  },
  deepseek: async () => {
    const { createDeepSeek } = await import('@ai-sdk/deepseek');
    return (baseURL, model, fetch) => createDeepSeek({ baseURL, apiKey, fetch }).chat(model);
  },
  anthropic: async () => {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    return (baseURL, model, fetch) => createAnthropic({ baseURL, apiKey, fetch }).languageModel(model);
  },
  gemini: async () => {
    const { createGoogle } = await import('@ai-sdk/google');
    return (baseURL, model, fetch) => createGoogle({ baseURL, apiKey, fetch }).languageModel(model);
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
  loading.then(warmUp).catch(() => undefined);
  return loading;
}

/** An empty answer to nobody's question, so that the first real one does not wait for code to be compiled (50 ms). */
async function warmUp(openModel: OpenModel): Promise<void> {
  const headers = { 'content-type': 'text/event-stream' };
  const answer = (): Promise<Response> => Promise.resolve(new Response('data: [DONE]\n\n', { headers }));
  const model = openModel('http://127.0.0.1', 'none', answer);
  const { stream } = await model.doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: '' }] }] });
  await stream.pipeTo(new WritableStream());
}

/** Models of one gateway are few; past this, somebody makes up names. */
const MAX_MODELS = 200;

/** Models that are open: the packages take as long to open one as to use it. */
export class OpenModels {
  readonly #models = new Map<string, LanguageModelV4>();

  /** @param search query parameters of the requests, which the configuration adds @param toFetch makes what sends them */
  async open(
    { wire, baseUrl }: ModelProvider,
    model: string,
    search: string,
    toFetch: (search: string) => Fetch,
  ): Promise<LanguageModelV4> {
    const key = JSON.stringify([wire, baseUrl, model, search]);
    const known = this.#models.get(key);
    if (known) {
      return known;
    }
    const openModel = await loadOpener(wire);
    const opened = openModel(baseUrl, model, toFetch(search));
    if (this.#models.size >= MAX_MODELS) {
      this.#models.clear();
    }
    this.#models.set(key, opened);
    return opened;
  }
}

/** The header in which each wire wants the key. */
const KEY_HEADERS: Readonly<Record<ProviderWire, (key: string) => Record<string, string>>> = {
  chat: (key) => ({ authorization: `Bearer ${key}` }),
  deepseek: (key) => ({ authorization: `Bearer ${key}` }),
  anthropic: (key) => ({ 'x-api-key': key }),
  gemini: (key) => ({ 'x-goog-api-key': key }),
};

export const toKeyHeaders = (wire: ProviderWire, key: string | undefined): Record<string, string> =>
  key === undefined ? {} : KEY_HEADERS[wire](key);
