import { GuardedExec } from '../../../../src/codex/guard/guarded-exec.js';
import { ReplaceableFolders } from '../../../../src/codex/guard/replaceable-folders.js';
import { ReadGuard } from '../../../../src/codex/guard/read-guard.js';

type Params = Record<string, unknown>;

const READ_ONLY = { type: 'readOnly', networkAccess: false };
const WORKSPACE = {
  ...{ type: 'workspaceWrite', writableRoots: [], networkAccess: false },
  ...{ excludeTmpdirEnvVar: false, excludeSlashTmp: false },
};
const FOLDERS = new ReplaceableFolders({ codexHome: '/home/codex', dataDir: '/home/data' });
const FULL = { type: 'dangerFullAccess' };

/** An engine that tells a change of settings after its answer, as the real one does. */
function startGuard(config: Params = {}): {
  calls: [string, Params][];
  call: (method: string, params: Params) => Promise<unknown>;
  guard: ReadGuard;
} {
  const guard = new ReadGuard(
    new GuardedExec({ binary: '/codex', overrides: ['-c', 'x=1'], emptyHome: '/empty', folders: FOLDERS }),
    FOLDERS,
  );
  const calls: [string, Params][] = [];
  const engine = (method: string, params: unknown): Promise<unknown> => {
    const given = params as Params;
    calls.push([method, given]);
    switch (method) {
      case 'thread/settings/update':
        setImmediate(() => guard.hears('thread/settings/updated', { threadId: given.threadId, threadSettings: {} }));
        return Promise.resolve({});
      case 'config/read':
        return Promise.resolve({ config });
      default:
        return Promise.resolve({ thread: { id: 't' }, sandbox: given.answer, activePermissionProfile: given.active });
    }
  };
  return { guard, calls, call: (method, params) => guard.call(method, params, engine) };
}

describe('ReadGuard', () => {
  it.each([
    [READ_ONLY, 'codex-web-read-only'],
    [{ ...READ_ONLY, networkAccess: true }, 'codex-web-read-only-network'],
    [WORKSPACE, 'codex-web-workspace'],
    [
      { ...WORKSPACE, networkAccess: true, excludeSlashTmp: true, excludeTmpdirEnvVar: true },
      'codex-web-workspace-network-no-slash-tmp-no-tmpdir',
    ],
  ])('gives a loaded thread the profile of its policy', async (answer, permissions) => {
    const { calls, call } = startGuard();
    await call('thread/resume', { answer });
    expect(calls.slice(1)).toEqual([['thread/settings/update', { threadId: 't', permissions }]]);
  });

  it('sets the policy again where a profile can not tell its folders', async () => {
    const { calls, call } = startGuard();
    const answer = { ...WORKSPACE, writableRoots: ['/further'] };
    await call('thread/fork', { answer });
    expect(calls.slice(1).map(([, params]) => params)).toEqual([
      { threadId: 't', permissions: 'codex-web-workspace' },
      { threadId: 't', sandboxPolicy: answer },
    ]);
  });

  it("leaves a thread with a profile of the operator's, and one that nothing confines, as it is", async () => {
    const { calls, call } = startGuard();
    await call('thread/start', { answer: READ_ONLY, active: { id: 'his' } });
    await call('thread/start', { answer: FULL });
    expect(calls.map(([method]) => method)).toEqual(['thread/start', 'thread/start']);
  });

  it('guards again before a policy that confines follows one that does not, and only then', async () => {
    const { calls, call } = startGuard();
    await call('thread/start', { answer: FULL });
    await call('turn/start', { threadId: 't', sandboxPolicy: WORKSPACE });
    await call('turn/start', { threadId: 't', sandboxPolicy: READ_ONLY });
    await call('turn/start', { threadId: 't', sandboxPolicy: FULL });
    await call('turn/start', { threadId: 't' });
    await call('thread/settings/update', { threadId: 't', sandboxPolicy: READ_ONLY });
    expect(calls.map(([method, { permissions }]) => permissions ?? method)).toEqual([
      'thread/start',
      'codex-web-workspace',
      ...['turn/start', 'turn/start', 'turn/start', 'turn/start'],
      'codex-web-read-only',
      'thread/settings/update',
    ]);
  });

  it('keeps from others what only it has changed', async () => {
    const { guard, call } = startGuard();
    expect(guard.hears('thread/settings/updated', { threadId: 't' })).toBe(false);
    await call('thread/start', { answer: READ_ONLY });
    expect(guard.hears('thread/settings/updated', { threadId: 't' })).toBe(false);
    expect(guard.hears('turn/started', { threadId: 't' })).toBe(false);
  });

  it.each([
    [{ sandboxPolicy: READ_ONLY }, {}, { permissionProfile: 'codex-web-read-only' }],
    [{ sandboxPolicy: { ...WORKSPACE, writableRoots: ['/w'] } }, {}, { permissionProfile: 'codex-web-workspace' }],
    [{ sandboxPolicy: FULL }, {}, { sandboxPolicy: FULL }],
    [{}, { sandbox_mode: 'danger-full-access' }, { sandboxPolicy: FULL }],
    [
      {},
      { sandbox_mode: 'workspace-write', sandbox_workspace_write: { network_access: true } },
      {
        permissionProfile: 'codex-web-workspace-network',
      },
    ],
    [{}, { default_permissions: ':workspace' }, { permissionProfile: 'codex-web-workspace' }],
    [{}, { default_permissions: 'his' }, { permissionProfile: 'his' }],
    [{}, {}, { permissionProfile: 'codex-web-read-only' }],
  ])('gives a single command a profile: %j where the configuration says %j', async (given, config, expected) => {
    const { calls, call } = startGuard(config);
    await call('command/exec', { command: ['ls'], cwd: '/w', ...given });
    expect(calls.at(-1)).toEqual(['command/exec', { command: ['ls'], cwd: '/w', ...expected }]);
  });

  it("lets nothing of the caller's near the program that runs a command with further folders", async () => {
    const { calls, call } = startGuard();
    const env = { PATH: '/w/evil', LD_PRELOAD: '/w/evil.so', GONE: null };
    const sandboxPolicy = { ...WORKSPACE, writableRoots: ['/w', '/further'] };
    await call('command/exec', { command: ['ls', '-l'], cwd: '/w', env, sandboxPolicy });
    const name = 'codex-web-workspace-folders';
    const own = `permissions.${name}={"extends"="codex-web-workspace","filesystem"={"/further"="write"}}`;
    const outer = ['/codex', 'sandbox', '-c', 'x=1', '-c', own, '-P', name, '-C', '/w', '--'];
    const inner = ['/usr/bin/env', '-u', 'GONE', '--', 'PATH=/w/evil', 'LD_PRELOAD=/w/evil.so', 'ls', '-l'];
    expect(calls.at(-1)?.[1]).toEqual({
      ...{ command: [...outer, ...inner], cwd: '/w' },
      ...{ env: { CODEX_HOME: '/empty' }, sandboxPolicy: FULL },
    });
  });
});
