import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { ScriptedModel } from '../../src/demo/scripted-model/scripted-model.js';
import { FakeUpstream, stream } from '../support/fake-upstream.js';
import { ProviderApp } from '../support/provider-app.js';
import { UPSTREAM_WIRES, type UpstreamName } from '../support/upstream-wires.js';

interface Snippet {
  title: string;
  toml: string;
}

interface Provider {
  base_url?: string;
  env_key?: string;
  wire_api?: string;
  env_http_headers?: Record<string, string>;
}

interface Config {
  model: string;
  model_provider: string;
  model_providers?: Record<string, Provider>;
}

/** Those that hold keys. */
const variablesOf = ({ env_key: key, env_http_headers: headers = {} }: Provider): string[] => [
  ...(key === undefined ? [] : [key]),
  ...Object.values(headers),
];

const PAGE = readFileSync('docs/providers.md', 'utf8');
const SNIPPETS: Snippet[] = PAGE.split('\n### ')
  .slice(1)
  .flatMap((section) => {
    const title = section.split('\n')[0] ?? '';
    return [...section.matchAll(/^```toml\n([^]*?)\n```/gm)].map(([, toml = '']) => ({ title, toml }));
  });

/** Nothing on the network can be reached. */
const OFFLINE = { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1,localhost' };

/** How the provider of a section streams, where it is not as LM Studio does. */
const STREAMS: Readonly<Record<string, UpstreamName>> = {
  Ollama: 'Ollama',
  DeepSeek: 'DeepSeek',
  Anthropic: 'Anthropic',
  Gemini: 'Gemini',
};

describe('docs/providers.md', () => {
  let upstream: FakeUpstream;
  let model: ScriptedModel;

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
    model = await ScriptedModel.start();
  });

  afterAll(async () => {
    await model.close();
    await upstream.close();
  });

  it('has a snippet for each provider', () => {
    expect([...new Set(SNIPPETS.map(({ title }) => title))]).toEqual([
      'OpenAI',
      'Azure',
      'LM Studio',
      'Ollama',
      'OpenRouter',
      'LiteLLM',
      'DeepSeek',
      'Anthropic',
      'Gemini',
      'Amazon Bedrock',
    ]);
  });

  /** The snippet with the provider's address led to one in the test, and the wire that its own address stands for. */
  function toLocal(toml: string, baseUrl: string | undefined, wire: string): string {
    if (baseUrl === undefined) {
      return toml;
    }
    const { origin } = new URL(baseUrl);
    return wire === 'responses'
      ? toml.replace(baseUrl, model.baseUrl)
      : toml.replace(origin, upstream.url).replace('wire_api = "chat"', `wire_api = "${wire}"`);
  }

  it.each(SNIPPETS.map(({ title, toml }, index) => [`${String(index + 1)}, ${title}`, title, toml]))(
    'starts with snippet %s, and shows what is in force',
    async (_name, title, toml) => {
      const config = parse(toml) as unknown as Config;
      const provider = config.model_providers?.[config.model_provider] ?? {};
      const variables = variablesOf(provider);
      const env = { ...OFFLINE, ...Object.fromEntries(variables.map((name) => [name, 'the-key'])) };
      const wire = provider.wire_api === 'chat' ? UPSTREAM_WIRES[STREAMS[title] ?? 'LM Studio'].wireApi : 'responses';
      const app = await ProviderApp.start({ config: toLocal(toml, provider.base_url, wire), env });
      try {
        const { model: shownModel, model_provider: shownProvider, wire: shownWire } = await app.effective();
        expect(shownModel).toMatchObject({ value: config.model, source: 'file' });
        expect(shownProvider).toMatchObject({ value: config.model_provider, source: 'file' });
        expect(shownWire).toMatchObject({ value: wire });
        expect(app.server.output).not.toContain('the-key');
        if (provider.base_url !== undefined) {
          upstream.enqueue(stream(...UPSTREAM_WIRES[STREAMS[title] ?? 'LM Studio'].frames({ text: ['Hello.'] })));
          const { turn } = await app.runTurn(await app.createThread(), 'say: Hello.');
          expect(turn).toMatchObject({ status: 'completed' });
          const headers = wire === 'responses' ? model.requests.at(-1)?.headers : upstream.last.headers;
          expect(JSON.stringify(headers).includes('the-key')).toBe(variables.length > 0);
        }
      } finally {
        await app.stop();
      }
    },
  );
});
