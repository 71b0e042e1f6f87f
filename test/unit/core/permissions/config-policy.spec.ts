import { CONFIG_KEYS } from '../../../../src/codex/protocol/config-keys.js';
import { type Payload } from '../../../../src/core/engine/payload.js';
import { ServiceError } from '../../../../src/core/errors.js';
import { LOWEST_CEILING, NO_CEILING } from '../../../../src/core/permissions/ceiling.js';
import { ConfigKeys } from '../../../../src/core/permissions/config-keys.js';
import { ConfigPolicy } from '../../../../src/core/permissions/config-policy.js';

const KEYS = new ConfigKeys(CONFIG_KEYS);
const closed = new ConfigPolicy(KEYS, { allowsConfigAdmin: false });
const opened = new ConfigPolicy(KEYS, { allowsConfigAdmin: true });
const ANYBODY = { ceiling: LOWEST_CEILING };
const ADMIN = { ceiling: NO_CEILING };

const errorOf = (act: () => void): Partial<ServiceError> => {
  try {
    act();
    return {};
  } catch (error) {
    return ServiceError.from(error);
  }
};

const write = (policy: ConfigPolicy, key: string, value: unknown, isReplacing = false): string | undefined =>
  errorOf(() => {
    policy.requireWritable(key, value, isReplacing);
  }).code;

const override = (policy: ConfigPolicy, config: Payload | null | undefined, authority = ADMIN): string | undefined =>
  errorOf(() => {
    policy.requireOverrides({ config }, authority);
  }).code;

describe('in config.toml', () => {
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
    ['profiles.p.model', 'x'],
    ['profile', 'p'],
    ['projects."/x".trust_level', 'trusted'],
    ['shell_environment_policy.set', { A: 'b' }],
    ['agents.role.config_file', '/x'],
    ['features', { plugins: true }],
    ['features.hooks', true],
    ['features', { network_proxy: { enabled: true } }],
    ['features.write_stdin_approval', false],
    ['features.guardian_approval', true],
    ['features.shell_snapshot', true],
    ['project_root_markers', []],
    ['bypass_hook_trust', true],
    ['experimental_instructions_file', '/x'],
    ['features.a_later_one', true],
    ['a_later_key', { program: 'sh' }],
    ['features', null],
    ['features', []],
    ['tui', null],
  ])('%s = %j needs the operator’s leave', (key, value) => {
    expect(write(closed, key, value)).toBe('forbidden');
    expect(write(closed, key, value, true)).toBe('forbidden');
    expect(write(opened, key, value, true)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['model', 'x'],
    ['model_provider', 'scripted'],
    ['model_reasoning_effort', 'high'],
    ['tui.notifications', true],
    ['tui.keymap', { global: { copy: 'ctrl-c' } }],
    ['features.web_search', true],
    ['features', { goals: true }],
    ['tools.web_search', { location: { city: 'x' } }],
    ['skills.config', [{ path: '/x', enabled: false }]],
    ['desktop.mcp_servers', { x: 1 }],
    ['desktop', { list: [{ sandbox_mode: 1 }] }],
  ])('%s = %j does not', (key, value) => {
    expect(write(closed, key, value)).toBeUndefined();
  });

  it('a table in the place of one needs what all keys of that one do', () => {
    expect(write(closed, 'features', { goals: true }, true)).toBe('forbidden');
    expect(write(closed, 'features', {}, true)).toBe('forbidden');
    expect(write(closed, 'history', { max_bytes: 1 }, true)).toBeUndefined();
    expect(write(closed, 'desktop', { a: { b: 1 } }, true)).toBeUndefined();
  });

  it('a refusal names the key, where it is and what it needs', () => {
    const known = errorOf(() => {
      closed.requireWritable('mcp_servers', { x: { command: 'sh' } }, false);
    });
    expect(known).toMatchObject({
      message:
        "mcp_servers is the operator's to set: it can run programs, send credentials elsewhere or lift the sandbox. " +
        'Start the server with --allow-config-admin to let callers with the scope "admin" set it.',
      fields: [{ path: 'mcp_servers', message: 'needs --allow-config-admin' }],
    });
    const unknown = errorOf(() => {
      closed.requireWritable('features', { a_later_one: true }, false);
    });
    expect(unknown).toMatchObject({
      message:
        'features.a_later_one is not among the keys that callers may set. ' +
        'Start the server with --allow-config-admin to let callers with the scope "admin" set it.',
      fields: [{ path: 'features.a_later_one', message: 'needs --allow-config-admin' }],
    });
  });
});

describe('for a thread', () => {
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
    ['how far a project reaches', { project_root_markers: ['etc'] }],
    ['a key of a later engine', { features: { a_later_one: { command: 'sh' } } }],
  ])('%s needs the operator’s leave, and admin', (_, config) => {
    expect(override(closed, config)).toBe('forbidden');
    expect(override(opened, config, ANYBODY)).toBe('forbidden');
    expect(override(opened, config)).toBeUndefined();
  });

  it.each<[string, Payload | null | undefined]>([
    ['nothing', undefined],
    ['null', null],
    ['the sandbox', { sandbox_mode: 'danger-full-access' }],
    ['its network', { sandbox_workspace_write: { network_access: true, exclude_slash_tmp: true } }],
    ['the approval policy', { approval_policy: 'never' }],
    ['a granular one', { approval_policy: { granular: { rules: true } } }],
    ['a feature', { features: { default_mode_request_user_input: true } }],
  ])('%s is left to the ceiling, or open', (_, config) => {
    expect(override(closed, config, ANYBODY)).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>]>([
    ['which folders are trusted', { projects: { '/x': { trust_level: 'trusted' } } }],
    ['it by dotted keys', { 'projects."/x".trust_level': 'trusted' }],
    ['it by quoted keys', { '"projects"': {} }],
  ])('nobody says %s', (_, config) => {
    expect(override(opened, config)).toBe('forbidden');
  });

  it('what a door adds by itself is not the caller’s', () => {
    const options = { config: { notify: ['x'] } };
    expect(() => {
      closed.requireOverrides(options, { ...ANYBODY, asked: {} });
    }).not.toThrow();
  });

  it('a refusal for want of the scope says so', () => {
    const { message, fields } = errorOf(() => {
      opened.requireOverrides({ config: { a_later_key: 1 } }, ANYBODY);
    });
    expect(message).toContain('config.a_later_key is above the ceiling of this token');
    expect(message).toContain('Use a token with the scope "admin"');
    expect(fields).toMatchObject([{ path: 'config.a_later_key' }]);
  });

  it.each<[Payload]>([
    [{ '__proto__.x': 1 }],
    [JSON.parse('{"__proto__": {"x": 1}}') as Payload],
    [{ 'mcp_servers"': 1 }],
  ])('%j is no key path', (config) => {
    expect(override(opened, config)).toBe('invalid_request');
  });
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
])('a value that stops every command is refused, whoever sets it: %s = %j', (key, value, code) => {
  expect(write(opened, key, value)).toBe(code);
  expect(override(opened, { [key]: value })).toBe(code);
});
