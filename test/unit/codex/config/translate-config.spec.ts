import { parse } from 'smol-toml';
import { toEnvironmentOverrides } from '../../../../src/codex/config/command-environment.js';
import { toEngineOverrides } from '../../../../src/codex/config/to-engine-overrides.js';
import { type ConfigTranslation, translateConfig } from '../../../../src/codex/config/translate-config.js';

function translate(text: string, more: { modelProvider?: string; localBaseUrl?: string } = {}): ConfigTranslation {
  const { modelProvider = null, localBaseUrl } = more;
  return translateConfig({ table: parse(text), modelProvider, localBaseUrl });
}

const provider = (id: string, url: string, wire = 'chat'): string =>
  `[model_providers.${id}]\nname = "Name"\nbase_url = "${url}"\nwire_api = "${wire}"\n`;

describe('what becomes of a configuration', () => {
  it('leaves alone what the engine can read', () => {
    const text = `model = "x"\napproval_policy = "never"\n${provider('mine', 'http://x/v1', 'responses')}`;
    expect(translate(text)).toMatchObject({ edits: [], providers: [], warnings: [], threadPolicy: null });
  });

  it.each([
    ['http://localhost:1234/v1', 'chat', 'chat'],
    ['https://api.anthropic.com/v1', 'chat', 'anthropic'],
    ['https://generativelanguage.googleapis.com/v1beta', 'chat', 'gemini'],
    ['https://generativelanguage.googleapis.com/v1beta/openai/', 'chat', 'chat'],
    ['https://api.deepseek.com', 'chat', 'deepseek'],
    ['http://localhost:9/v1', 'anthropic', 'anthropic'],
    ['http://localhost:9/v1', 'gemini', 'gemini'],
  ])('sends a provider at %s with the wire "%s" through the gateway as "%s"', (url, wireApi, wire) => {
    expect(translate(provider('mine', url, wireApi)).providers).toEqual([
      { id: 'mine', name: 'Name', wire, baseUrl: url.replace(/\/$/, ''), headerNames: [], idleTimeoutMs: 300_000 },
    ]);
  });

  it('renames a provider whose id is one of the engine, and one that can not stand on a command line', () => {
    const text = `${provider('ollama', 'http://x/v1')}${provider('openai', 'http://y/v1', 'responses')}${provider('"a.b"', 'http://z')}`;
    const { engineIds, providers } = translate(text);
    expect([...engineIds]).toEqual([
      ['ollama', 'ollama-custom'],
      ['openai', 'openai-custom'],
      ['a.b', 'a-b-custom'],
    ]);
    expect(providers.map(({ id }) => id)).toEqual(['ollama', 'a.b']);
  });

  it('knows the headers that a provider adds, and for how long it may be silent', () => {
    const more =
      'stream_idle_timeout_ms = 9000\nhttp_headers = { X-A = "secret" }\nenv_http_headers = { X-B = "VARIABLE" }\n';
    const [found] = translate(provider('mine', 'http://x/v1') + more).providers;
    expect(found).toMatchObject({ headerNames: ['x-a', 'x-b'], idleTimeoutMs: 9000 });
  });

  it.each([
    ['auto', 'on-request', null],
    ['on-failure', 'on-request', null],
    ['untrusted', undefined, 'untrusted'],
    ['unless-allow-listed', undefined, 'untrusted'],
  ])('makes of the approval policy "%s" what the engine has now, with one warning', (from, to, threadPolicy) => {
    const { edits, threadPolicy: policy, warnings } = translate(`approval_policy = "${from}"`);
    const path = ['approval_policy'];
    expect(edits).toEqual([to === undefined ? { kind: 'leave-out', path } : { kind: 'set', path, from, to }]);
    expect(policy).toBe(threadPolicy);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`"${to ?? 'untrusted'}"`);
  });

  it('leaves out the transport of a tool server, with one warning', () => {
    const { edits, warnings } = translate('[mcp_servers.github]\ntransport = "streamable_http"\nurl = "http://x"');
    expect(edits).toEqual([{ kind: 'leave-out', path: ['mcp_servers', 'github', 'transport'] }]);
    expect(warnings).toEqual([
      'mcp_servers.github.transport = "streamable_http" is left out: "url" says it by itself now.',
    ]);
  });

  describe('with OLLAMA_BASE_URL', () => {
    const localBaseUrl = 'http://localhost:1234/v1';

    it('moves the local provider of the file', () => {
      const text = `model_provider = "ollama"\n${provider('ollama', 'http://file/v1')}`;
      const { providers, warnings } = translate(text, { localBaseUrl });
      expect(providers).toMatchObject([{ id: 'ollama', baseUrl: localBaseUrl }]);
      expect(warnings).toContain('OLLAMA_BASE_URL became model_providers.ollama.base_url.');
    });

    it('makes one where the file has none', () => {
      const { providers, edits, engineIds } = translate('', {
        localBaseUrl: 'http://localhost:11434',
        modelProvider: 'ollama',
      });
      expect(providers).toMatchObject([
        { id: 'ollama', name: 'Ollama', wire: 'chat', baseUrl: 'http://localhost:11434/v1' },
      ]);
      expect(edits).toEqual([]);
      expect(engineIds.get('ollama')).toBe('ollama-custom');
    });

    it('tells the engine where one is that it speaks to itself', () => {
      const text = `model_provider = "lmstudio"\n${provider('lmstudio', 'http://file/v1', 'responses')}`;
      const translation = translate(text, { localBaseUrl });
      expect(toEngineOverrides(parse(text), translation, undefined)).toEqual([
        '-c',
        'model_providers.lmstudio-custom.base_url="http://localhost:1234/v1"',
      ]);
    });

    it('says that it has no effect on any other provider', () => {
      const { providers, warnings } = translate('model_provider = "azure"', { localBaseUrl });
      expect(providers).toEqual([]);
      expect(warnings).toEqual([
        'OLLAMA_BASE_URL has no effect: the provider is "azure", neither ollama nor lmstudio.',
      ]);
    });
  });

  it('tells the engine of the gateway, but neither a secret nor a key', () => {
    const text = `${provider('mine', 'http://x/v1')}env_key = "MY_KEY"\n[shell_environment_policy]\nexclude = ["MINE_*"]\n`;
    const gateway = {
      urlOf: (id: string) => `http://127.0.0.1:7/${id}/v1`,
      secretHeader: 'x-gw',
      secretVariable: 'GW',
    };
    const overrides = toEngineOverrides(parse(text), translate(text), gateway).filter((argument) => argument !== '-c');
    expect(overrides).toEqual([
      'model_providers.mine.name="Name"',
      'model_providers.mine.base_url="http://127.0.0.1:7/mine/v1"',
      'model_providers.mine.wire_api="responses"',
      'model_providers.mine.supports_websockets=false',
      'model_providers.mine.stream_idle_timeout_ms=310000',
      'model_providers.mine.env_http_headers.x-gw="GW"',
    ]);
    const kept = 'AWS_*,AZURE_*,GOOGLE_*,*PASSWORD*,*PASSWD*,*CREDENTIAL*'.split(',');
    expect(toEnvironmentOverrides(parse(text), 'GW')).toEqual([
      '-c',
      `shell_environment_policy.exclude=${JSON.stringify(['MINE_*', ...kept, 'MY_KEY', 'GW'])}`,
      '-c',
      'shell_environment_policy.ignore_default_excludes=false',
    ]);
    const own = parse('[shell_environment_policy]\nignore_default_excludes = true');
    expect(toEnvironmentOverrides(own, 'GW')).toEqual([
      '-c',
      `shell_environment_policy.exclude=${JSON.stringify([...kept, 'GW'])}`,
    ]);
  });
});
