import { toApiProvider } from '../../../../src/codex/api-provider.js';
import { CodexView } from '../../../../src/codex/services/codex-view.js';
import { BRIDGE_SHAPE } from '../../../../src/compat/bridge/errors.js';
import { toThread, toTurn } from '../../../../src/compat/bridge/from-core.js';
import { toOptions, toTurnOptions } from '../../../../src/compat/bridge/to-core.js';
import { ServiceError } from '../../../../src/core/errors.js';
import { type ThreadRecord } from '../../../../src/core/threads/thread-record.js';
import { type TurnRecord, TURN_STATUSES } from '../../../../src/core/turns/turn-record.js';
import { Workspace } from '../../../../src/core/workspace/workspace.js';
import { DiskPaths } from '../../../../src/workspace/disk-paths.js';

/** Only what translates; nothing here asks the engine. */
const view = new CodexView(undefined as never);
const roots = new Workspace(new DiskPaths(), ['/usr']);

const turn = (more: Partial<TurnRecord>): TurnRecord => ({
  turnId: 't1',
  threadId: 'own',
  engineTurnId: 'e1',
  position: 0,
  status: 'completed',
  isSubmitted: true,
  input: [],
  options: {},
  error: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:01.500Z',
  completedAt: null,
  durationMs: 7,
  tokenUsage: null,
  ...more,
});

describe('a turn', () => {
  it("is told in the engine's words, its items too", () => {
    const item = { type: 'agent_message', id: 'm1', text: 'Hi', memory_citation: null };
    expect(toTurn(view, { turn: turn({}), items: [JSON.stringify(item)] })).toEqual({
      id: 't1',
      rootTurnId: null,
      items: [{ type: 'agentMessage', id: 'm1', text: 'Hi', memoryCitation: null }],
      itemsView: 'full',
      status: 'completed',
      error: null,
      startedAt: 1767225601,
      completedAt: null,
      durationMs: 7,
    });
  });

  it('has a status that the engine knows', () => {
    const statuses = TURN_STATUSES.map((status) => toTurn(view, { turn: turn({ status }), items: [] }).status);
    expect(statuses).toEqual(['inProgress', 'inProgress', 'completed', 'interrupted', 'failed', 'interrupted']);
  });

  it('has its error whole, also where the service says it itself', () => {
    const { error } = toTurn(view, { turn: turn({ status: 'failed', error: { message: 'No.' } }), items: [] });
    expect(error).toEqual({ message: 'No.', codexErrorInfo: null, additionalDetails: null, misalignment: null });
  });
});

it('a thread is known by our ids, and tells no file of the host', () => {
  const record = { threadId: 'own', engineThreadId: 'e', forkedFromId: null, preview: 'Hi', name: null };
  const described = { id: 'e', sessionId: 'e', path: '/secret', preview: '', cliVersion: '1' };
  expect(toThread(described, record as unknown as ThreadRecord, [])).toEqual({
    id: 'own',
    sessionId: 'own',
    forkedFromId: null,
    preview: 'Hi',
    name: null,
    path: null,
    cliVersion: '1',
    turns: [],
  });
});

it('options are told in our words, without those that are null', async () => {
  const thread = { modelProvider: 'p', sandbox: null, approvalPolicy: 'never', config: { aKey: { bKey: 1 } } };
  expect(toOptions(view, 'ThreadStartParams', thread)).toEqual({
    model_provider: 'p',
    approval_policy: 'never',
    config: { aKey: { bKey: 1 } },
  });
  const policy = { type: 'workspaceWrite' as const, writableRoots: ['/usr/bin/..'] };
  const options = { sandboxPolicy: policy, effort: 'low', outputSchema: { someKey: 1 } };
  expect(await toTurnOptions(view, options, roots)).toEqual({
    reasoning_effort: 'low',
    output_schema: { someKey: 1 },
    sandbox_policy: {
      type: 'workspace_write',
      writable_roots: ['/usr'],
      network_access: false,
      exclude_tmpdir_env_var: false,
      exclude_slash_tmp: false,
    },
  });
});

it('an error has the status of its code, its words, and what is at fault', () => {
  const error = new ServiceError('invalid_request', 'No.', { fields: [{ path: 'cwd', message: 'must be a path' }] });
  expect(BRIDGE_SHAPE.toAnswer(error, { path: '/api/thread/start', requestId: 'r1' })).toEqual({
    status: 400,
    body: { detail: 'No.', code: 'invalid_request', requestId: 'r1', errors: error.fields },
  });
});

describe('the provider of the environment', () => {
  const base = { apiBaseUrl: 'http://proxy/v1', modelProvider: 'cli proxy', isDemo: false, engineEnv: {} };

  it('is none without an address, and in the demo', () => {
    expect([toApiProvider({ ...base, apiBaseUrl: null }), toApiProvider({ ...base, isDemo: true })]).toEqual([
      null,
      null,
    ]);
  });

  it('is called as it is named, unless the engine keeps that name for itself', () => {
    const idOf = (modelProvider: string | null): string | undefined => toApiProvider({ ...base, modelProvider })?.id;
    expect(['cliproxyapi', 'cli proxy', 'openai', null].map(idOf)).toEqual([
      ...['cliproxyapi', 'cli-proxy', 'codex-api-openai', 'codex-api'],
    ]);
  });

  it('has its key named by the variable, which commands find empty, and never told', () => {
    const engineEnv = { CODEX_API_KEY: 'sk-1' };
    const { overrides } = toApiProvider({ ...base, engineEnv })!;
    expect(JSON.stringify(overrides)).not.toContain('sk-1');
    expect(overrides).toEqual([
      ['model_providers.cli-proxy.name', 'cli proxy'],
      ['model_providers.cli-proxy.base_url', 'http://proxy/v1'],
      ['model_providers.cli-proxy.wire_api', 'responses'],
      ['model_providers.cli-proxy.requires_openai_auth', false],
      ['model_providers.cli-proxy.supports_websockets', false],
      ['model_providers.cli-proxy.env_key', 'CODEX_API_KEY'],
      ['shell_environment_policy.set.CODEX_API_KEY', ''],
    ]);
    expect(toApiProvider(base)?.overrides).toHaveLength(5);
  });
});
