import { MASK, maskSecrets } from '../../../../src/core/engine/mask-secrets.js';

describe('secrets of a configuration', () => {
  it('of MCP servers are masked, names of variables are not', () => {
    const servers = {
      local: {
        command: 'node',
        args: ['server.js', '--port', '80'],
        env: { TOKEN: 's1', PLAIN: 's2' },
        env_vars: ['HOME'],
        bearer_token_env_var: 'MY_TOKEN',
      },
      remote: {
        url: 'https://mcp.example/mcp',
        bearer_token: 's3',
        http_headers: { Authorization: 'Bearer s4', 'X-Any': 's5' },
        env_http_headers: { 'X-Key': 'KEY_VARIABLE' },
        oauth: { client_id: 'me', client_secret: 's6' },
      },
    };
    const masked = maskSecrets({ mcp_servers: servers });
    expect(masked).toEqual({
      mcp_servers: {
        local: { ...servers.local, env: { TOKEN: MASK, PLAIN: MASK } },
        remote: {
          ...servers.remote,
          bearer_token: MASK,
          http_headers: { Authorization: MASK, 'X-Any': MASK },
          oauth: { client_id: 'me', client_secret: MASK },
        },
      },
    });
    expect(JSON.stringify(masked)).not.toMatch(/s\d/);
  });

  it('of model providers and telemetry are masked', () => {
    const config = {
      model_providers: {
        mine: {
          base_url: 'https://me:s1@models.example/v1',
          env_key: 'MY_KEY',
          experimental_bearer_token: 's2',
          query_params: { 'api-version': 's3' },
          auth: { command: 'get-token', args: ['--client-secret', 's4', '--password=s5'] },
        },
      },
      otel: { exporter: { 'otlp-http': { endpoint: 'https://o.example', headers: { 'x-any': 's6' } } } },
      shell_environment_policy: { set: { ANY: 's7' } },
    };
    expect(maskSecrets(config)).toEqual({
      model_providers: {
        mine: {
          base_url: `https://${MASK}@models.example/v1`,
          env_key: 'MY_KEY',
          experimental_bearer_token: MASK,
          query_params: { 'api-version': MASK },
          auth: { command: 'get-token', args: ['--client-secret', MASK, `--password=${MASK}`] },
        },
      },
      otel: { exporter: { 'otlp-http': { endpoint: 'https://o.example', headers: { 'x-any': MASK } } } },
      shell_environment_policy: { set: { ANY: MASK } },
    });
  });

  it.each([
    'api_key',
    'apiKey',
    'OPENAI_API_KEY',
    'api-key',
    'access_key',
    'token',
    'refresh_token',
    'client_secret',
    'password',
    'authorization',
    'private_key',
    'sentry_dsn',
  ])('what is called %s is masked: text, lists, tables', (name) => {
    expect(maskSecrets({ [name]: 's' })).toEqual({ [name]: MASK });
    expect(maskSecrets({ [name]: ['s', 't'] })).toEqual({ [name]: [MASK, MASK] });
    expect(maskSecrets({ [name]: { value: 's' } })).toEqual({ [name]: { value: MASK } });
  });

  it.each([
    ['env_key', 'OPENAI_API_KEY'],
    ['bearer_token_env_var', 'TOKEN'],
    ['model', 'gpt'],
    ['cli_auth_credentials_store', 'file'],
    ['token_format', 'jwt'],
  ])('%s says nothing', (name, text) => {
    expect(maskSecrets({ [name]: text })).toEqual({ [name]: text });
  });

  it('numbers, switches and null stay as they are', () => {
    const config = { tool_output_token: 5, token: null, env: { A: null, B: true }, list: [1, false] };
    expect(maskSecrets(config)).toEqual(config);
  });

  it.each([
    ['https://me:pw@host/x', `https://${MASK}@host/x`],
    ['https://token@host', `https://${MASK}@host`],
    ['git+ssh://me:p@w@host/x', `git+ssh://${MASK}@host/x`],
    ['see http://a:b@c/ and http://d:e@f/', `see http://${MASK}@c/ and http://${MASK}@f/`],
    ['https://host/x?mail=a@b', 'https://host/x?mail=a@b'],
    ['https://host/@scope/x', 'https://host/@scope/x'],
    ['https://host/x?v=1&api_key=s&w=2', `https://host/x?v=1&api_key=${MASK}&w=2`],
    ['--token=s', `--token=${MASK}`],
    ['Authorization: Bearer abc.def', `Authorization: Bearer ${MASK}`],
    ['X-Api-Key: abc', `X-Api-Key: ${MASK}`],
    ['run --token s', 'run --token s'],
    ['plain text', 'plain text'],
  ])('in a text: %s → %s', (text, masked) => {
    expect(maskSecrets({ any: text })).toEqual({ any: masked });
    expect(maskSecrets([text])).toEqual([masked]);
  });

  it('the argument after a flag that takes a secret is masked', () => {
    expect(maskSecrets({ args: ['--api-key', 's', '--header', 'Authorization: Bearer s', 'x'] })).toEqual({
      args: ['--api-key', MASK, '--header', `Authorization: Bearer ${MASK}`, 'x'],
    });
  });

  it('the value itself is not changed', () => {
    const config = { env: { A: 's' } };
    maskSecrets(config);
    expect(config).toEqual({ env: { A: 's' } });
  });
});
