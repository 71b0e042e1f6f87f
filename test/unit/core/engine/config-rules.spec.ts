import {
  parseKeyPath,
  pathsOf,
  requireCallersKey,
  requireCallersOverrides,
  requireNoTrust,
  requireUsable,
} from '../../../../src/core/engine/config-rules.js';
import { ServiceError } from '../../../../src/core/errors.js';

const codeOf = (act: () => unknown): string | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    return ServiceError.from(error).code;
  }
};

describe('a key path', () => {
  it.each<[string, string[]]>([
    ['model', ['model']],
    ['tui.notifications', ['tui', 'notifications']],
    ['model_providers."my provider".name', ['model_providers', 'my provider', 'name']],
    ['"model"', ['model']],
    ['a."b.c".d', ['a', 'b.c', 'd']],
    ['a."b\\"c"', ['a', 'b"c']],
    ['"mcp\\_servers".x', ['mcp_servers', 'x']],
    ['"a\\\\b"', ['a\\b']],
    ['"line\\\nbreak"', ['line\nbreak']],
  ])('%j has the segments %j', (keyPath, segments) => {
    expect(parseKeyPath(keyPath)).toEqual(segments);
  });

  it.each([
    ...['', '.', 'a.', '.a', 'a..b', ' a', 'a ', 'a b', 'ä'],
    ...['"a', 'a"', '"a"b', 'a"b"', '""', 'a.""', '"a".', "'a'", "a.'b'", '"a\\"', '"a""b"', 'a."b"."'],
    ...['a\n', 'a=1', 'a[0]', 'a#b', 'a\0'],
    ...['__proto__', 'a.__proto__.b', '"__proto__"', '"__pr\\oto__"', 'constructor.x', 'a.prototype'],
  ])('%j is none', (keyPath) => {
    expect(codeOf(() => parseKeyPath(keyPath))).toBe('invalid_request');
  });

  it('names every path that its value sets', () => {
    expect(pathsOf('a', { b: { 'c.d': 1 }, e: [{ f: null }], g: 'x' })).toEqual([
      'a',
      'a.b',
      'a.b.c.d',
      'a.e',
      'a.e',
      'a.e.f',
      'a.g',
    ]);
  });

  it.each([
    ['in a table', '{"__proto__": {"x": 1}}'],
    ['deeper', '{"b": {"constructor": 1}}'],
    ['in an array', '[{"c": {"prototype": 1}}]'],
  ])('its value may not reach into a prototype: %s', (_, json) => {
    expect(codeOf(() => pathsOf('a', JSON.parse(json)))).toBe('invalid_request');
  });

  it('its value may not be deeper than any configuration is', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 40; depth += 1) {
      value = { a: value };
    }
    expect(codeOf(() => pathsOf('a', value))).toBe('invalid_request');
  });
});

describe("what is the operator's to set in the configuration", () => {
  it.each<[string, unknown]>([
    ['mcp_servers', {}],
    ['mcp_servers.x.command', 'sh'],
    ['mcp_servers', null],
    ['"mcp_servers".x', {}],
    ['"mcp\\_servers".x', {}],
    ['"\\m\\c\\p_servers"', {}],
    ['"mcp_servers.x"', {}],
    ['MCP_SERVERS.x', {}],
    ['model_providers.scripted.base_url', 'http://elsewhere'],
    ['model_providers."my provider".http_headers', {}],
    ['notify', ['sh', '-c', 'x']],
    ['hooks', {}],
    ['sandbox_mode', 'danger-full-access'],
    ['sandbox_workspace_write.network_access', true],
    ['approval_policy', 'never'],
    ['profiles.p.sandbox_mode', 'danger-full-access'],
    ['profile', 'p'],
    ['projects."/x".trust_level', 'trusted'],
    ['shell_environment_policy.set', { A: 'b' }],
    ['agents.role.config_file', '/x'],
    ['features', { plugins: true }],
    ['features.hooks', true],
    ['features', { network_proxy: { enabled: true } }],
  ])('%s = %j is', (keyPath, value) => {
    expect(
      codeOf(() => {
        requireCallersKey(keyPath, value);
      }),
    ).toBe('forbidden');
  });

  it.each<[string, unknown]>([
    ['model', 'x'],
    ['model_provider', 'scripted'],
    ['model_reasoning_effort', 'high'],
    ['tui.notifications', true],
    ['features.web_search', true],
    ['features', { goals: true }],
    ['desktop.mcp_servers', { x: 1 }],
    ['mcp_servers_note', 'x'],
    ['desktop', { list: [{ sandbox_mode: 1 }] }],
  ])('%s = %j is not', (keyPath, value) => {
    expect(
      codeOf(() => {
        requireCallersKey(keyPath, value);
      }),
    ).toBeUndefined();
  });

  it('is said with the path and the way to allow it', () => {
    const refused = (): void => {
      requireCallersKey('mcp_servers.x.command', 'sh');
    };
    expect(refused).toThrow('mcp_servers is the operator');
    expect(refused).toThrow('--allow-config-admin');
  });
});

describe("what is the operator's to set for a thread", () => {
  it.each<[string, Record<string, unknown>]>([
    ['a nested table', { mcp_servers: { x: { command: 'sh' } } }],
    ['a dotted key', { 'mcp_servers.x.command': 'sh' }],
    ['a quoted key', { '"mcp_servers".x': {} }],
    ['an escaped key', { '"mcp\\_servers"': {} }],
    ['writable folders, nested', { sandbox_workspace_write: { writable_roots: ['/'] } }],
    ['writable folders, dotted', { 'sandbox_workspace_write.writable_roots': ['/'] }],
    ['a profile', { profile: 'p' }],
    ['one among others', { model_verbosity: 'low', notify: ['x'] }],
    ['a feature', { 'features.remote_control': true }],
    ['the trust in hooks', { bypass_hook_trust: true }],
  ])('%s', (_, config) => {
    expect(
      codeOf(() => {
        requireCallersOverrides(config);
      }),
    ).toBe('forbidden');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['the sandbox', { sandbox_mode: 'danger-full-access' }],
    ['its network', { sandbox_workspace_write: { network_access: true, exclude_slash_tmp: true } }],
    ['the approval policy', { approval_policy: 'never' }],
    ['a feature', { features: { default_mode_request_user_input: true } }],
  ])('but not %s', (_, config) => {
    expect(
      codeOf(() => {
        requireCallersOverrides(config);
      }),
    ).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['which folders are trusted', { projects: { '/x': { trust_level: 'trusted' } } }, 'forbidden'],
    ['it by dotted keys', { 'projects."/x".trust_level': 'trusted' }, 'forbidden'],
    ['it by quoted keys', { '"projects"': {} }, 'forbidden'],
    ['nothing of the sort', { model: 'x', tui: { projects: 1 } }, undefined],
  ])('nobody says for one thread %s', (_, config, code) => {
    expect(
      codeOf(() => {
        requireNoTrust(config);
      }),
    ).toBe(code);
  });

  it.each<[string, unknown, string | undefined]>([
    ['features', { use_legacy_landlock: true }, 'unprocessable'],
    ['features.use_legacy_landlock', true, 'unprocessable'],
    ['"features".use_legacy_landlock', true, 'unprocessable'],
    ['features.use_legacy_landlock', false, undefined],
    ['features.use_legacy_landlock', null, undefined],
    ['features', null, undefined],
    ['features.goals', true, undefined],
    ['tui.features.use_legacy_landlock', true, undefined],
  ])('a value that stops every command is refused: %s = %j', (keyPath, value, code) => {
    expect(
      codeOf(() => {
        requireUsable(keyPath, value, '');
      }),
    ).toBe(code);
  });

  it('a key that is no key path is refused as such', () => {
    expect(
      codeOf(() => {
        requireCallersOverrides({ '__proto__.x': 1 });
      }),
    ).toBe('invalid_request');
    expect(
      codeOf(() => {
        requireCallersOverrides(JSON.parse('{"__proto__": {"x": 1}}'));
      }),
    ).toBe('invalid_request');
    expect(
      codeOf(() => {
        requireCallersOverrides({ 'mcp_servers"': 1 });
      }),
    ).toBe('invalid_request');
  });
});
