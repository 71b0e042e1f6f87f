import { type Payload } from '../../../../src/core/engine/engine.js';
import { ServiceError } from '../../../../src/core/errors.js';
import { type Authority, requireWithin, toInForce } from '../../../../src/core/permissions/authority.js';
import { type Ceiling, LOWEST_CEILING, NO_CEILING } from '../../../../src/core/permissions/ceiling.js';

const CEILING: Ceiling = { sandbox: 'workspace-write', hasNetwork: false, approvalPolicy: 'on-request' };

function refused(options: Payload, authority: Partial<Authority> = {}, inForce: Payload = {}): string[] {
  try {
    requireWithin({ ceiling: CEILING, ...authority }, options, inForce);
    return [];
  } catch (error) {
    const { code, fields } = ServiceError.from(error);
    expect(code).toBe('forbidden');
    return fields.map(({ path }) => path);
  }
}

const granular = (sandbox: boolean, rules: boolean): Payload => ({
  granular: { sandbox_approval: sandbox, rules, mcp_elicitations: false },
});

describe('a ceiling of workspace-write without network', () => {
  it.each<[Payload]>([
    [{}],
    [{ sandbox: 'read-only' }],
    [{ sandbox: 'workspace-write', approval_policy: 'untrusted' }],
    [{ approval_policy: granular(true, true) }],
    [{ sandbox: null, sandbox_policy: null, approval_policy: null, config: null }],
    [{ sandbox_policy: { type: 'workspace_write', network_access: false, writable_roots: ['/w'] } }],
    [{ sandbox_policy: { type: 'read_only' } }],
    [{ config: { sandbox_mode: 'workspace-write', approval_policy: 'on-request' } }],
    [{ config: { sandbox_workspace_write: { network_access: false, exclude_slash_tmp: true } } }],
    [{ config: { model_verbosity: 'low', 'features.web_search_request': true } }],
  ])('lets %j be asked for', (options) => {
    expect(refused(options)).toEqual([]);
  });

  it.each<[Payload, string[]]>([
    [{ sandbox: 'danger-full-access' }, ['sandbox']],
    [{ sandbox: 'a-later-mode' }, ['sandbox']],
    [{ approval_policy: 'never' }, ['approval_policy']],
    [{ approval_policy: granular(false, true) }, ['approval_policy']],
    [{ approval_policy: granular(true, false) }, ['approval_policy']],
    [{ sandbox_policy: { type: 'danger_full_access' } }, ['sandbox_policy.type']],
    [{ sandbox_policy: { type: 'external_sandbox', network_access: 'restricted' } }, ['sandbox_policy.type']],
    [{ sandbox_policy: { type: 'read_only', network_access: true } }, ['sandbox_policy.network_access']],
    [{ sandbox_policy: { type: 'workspace_write', network_access: true } }, ['sandbox_policy.network_access']],
    [
      { sandbox_policy: { type: 'external_sandbox', network_access: 'enabled' } },
      ['sandbox_policy.type', 'sandbox_policy.network_access'],
    ],
    [{ config: { sandbox_mode: 'danger-full-access' } }, ['config.sandbox_mode']],
    [{ config: { '"sandbox_mode"': 'danger-full-access' } }, ['config.sandbox_mode']],
    [{ config: { SANDBOX_MODE: 'danger-full-access' } }, ['config.SANDBOX_MODE']],
    [{ config: { approval_policy: 'never' } }, ['config.approval_policy']],
    [
      { config: { approval_policy: granular(false, true) } },
      ['config.approval_policy', 'config.approval_policy.granular.sandbox_approval'],
    ],
    [{ config: { 'approval_policy.granular.rules': false } }, ['config.approval_policy.granular.rules']],
    [
      { config: { sandbox_workspace_write: { network_access: true } } },
      ['config.sandbox_workspace_write.network_access'],
    ],
    [{ config: { 'sandbox_workspace_write.network_access': true } }, ['config.sandbox_workspace_write.network_access']],
    [
      { config: { 'sandbox_workspace_write.writable_roots': ['/'] } },
      ['config.sandbox_workspace_write.writable_roots'],
    ],
    [{ config: { default_permissions: ':danger-no-sandbox' } }, ['config.default_permissions']],
    [{ config: { 'permissions.mine.network.enabled': true } }, ['config.permissions.mine.network.enabled']],
    [{ sandbox: 'danger-full-access', approval_policy: 'never' }, ['sandbox', 'approval_policy']],
  ])('refuses %j', (options, fields) => {
    expect(refused(options)).toEqual(fields);
    expect(refused(options, { ceiling: NO_CEILING })).toEqual([]);
  });

  it('says what the ceiling is and which flag raises it', () => {
    const ask = (): void => {
      requireWithin({ ceiling: CEILING }, { sandbox: 'danger-full-access', approval_policy: 'never' });
    };
    expect(ask).toThrow(
      'danger-full-access, never are above the ceiling of this token, which is workspace-write without network, ' +
        'on-request. Use a token with the scope "admin", or raise the ceiling with --max-sandbox danger-full-access ' +
        'and --max-approval-policy never.',
    );
  });

  it('counts what the caller said, not what a door adds, and calls it as he did', () => {
    const options = { approval_policy: 'never', sandbox: 'workspace-write' };
    const nameOf = (path: string): string => `metadata.codex_${path}`;
    expect(refused(options, { asked: { sandbox: 'workspace-write' } })).toEqual([]);
    expect(refused(options, { asked: { approval_policy: 'never' }, nameOf })).toEqual([
      'metadata.codex_approval_policy',
    ]);
  });

  it.each<[Payload, Payload, string[]]>([
    [{}, { sandbox: 'danger-full-access' }, ['sandbox']],
    [{}, { sandbox_policy: { type: 'danger_full_access' } }, ['sandbox_policy.type']],
    [{}, { sandbox: 'read-only', config: { sandbox_mode: 'danger-full-access' } }, ['config.sandbox_mode']],
    [{}, { approval_policy: 'never', sandbox: 'workspace-write', config: { 'mcp_servers.x.command': 'sh' } }, []],
    [{ sandbox: 'read-only' }, { sandbox: 'danger-full-access' }, []],
    [{ sandbox: 'read-only' }, { sandbox_policy: { type: 'danger_full_access' } }, []],
    [{ sandbox_policy: { type: 'read_only' } }, { sandbox: 'danger-full-access' }, []],
    [
      { sandbox: 'workspace-write' },
      { config: { 'sandbox_workspace_write.network_access': true } },
      ['config.sandbox_workspace_write.network_access'],
    ],
  ])('adding %j to a thread with %j', (options, inForce, fields) => {
    expect(refused(options, {}, inForce)).toEqual(fields);
  });
});

it('the lowest ceiling is below every sandbox that can write', () => {
  expect(refused({ sandbox: 'read-only' }, { ceiling: LOWEST_CEILING })).toEqual([]);
  expect(refused({ sandbox: 'workspace-write' }, { ceiling: LOWEST_CEILING })).toEqual(['sandbox']);
  expect(refused({ approval_policy: 'on-request' }, { ceiling: LOWEST_CEILING })).toEqual(['approval_policy']);
});

it('the sandbox in force is the last whole policy, or what was said since', () => {
  const policy = { type: 'danger_full_access' };
  expect(toInForce({ sandbox: 'read-only' }, { sandbox_policy: policy })).toEqual({ sandbox_policy: policy });
  expect(toInForce({ sandbox_policy: policy }, {})).toEqual({ sandbox_policy: policy });
  expect(toInForce({ sandbox_policy: policy, config: { a: 1 } }, { sandbox: 'read-only', config: { b: 2 } })).toEqual({
    sandbox: 'read-only',
    config: { a: 1, b: 2 },
  });
});
