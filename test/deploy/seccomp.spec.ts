import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Scratch } from '../support/server-process.js';

interface Rule {
  names: string[];
  action: string;
  args?: object[];
}

interface Profile {
  defaultAction: string;
  syscalls: Rule[];
}

const PROFILE = 'deploy/seccomp/codex-web-server.json';
/** What the agent's sandbox makes its namespaces with. */
const NAMESPACES = ['clone', 'clone3', 'mount', 'pivot_root', 'umount2', 'unshare'];
/** What nothing in a container has a use for. */
const OUT_OF_REACH = [
  ...['bpf', 'delete_module', 'finit_module', 'init_module', 'kexec_load', 'kexec_file_load', 'keyctl', 'add_key'],
  ...['perf_event_open', 'reboot', 'setns', 'settimeofday', 'swapon', 'syslog', 'userfaultfd', 'open_by_handle_at'],
];
/** Debian's own, which has the library's module. */
const PYTHON = '/usr/bin/python3';

/** Threads are made by `clone` too: without a flag of a namespace, which is what runtimes allow by themselves. */
const THREADS_ONLY = [
  {
    names: ['clone'],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
  },
  { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
];

const profile = JSON.parse(readFileSync(PROFILE, 'utf8')) as Profile;
const hasLibrary = spawnSync(PYTHON, ['-c', 'import seccomp']).status === 0;

/** What the doctor says of this machine under a profile. */
function doctor({ codexHome, dataDir, workspace }: Scratch, profilePath: string): Promise<string> {
  const folders = ['--codex-home', codexHome, '--data-dir', dataDir, '--workspace-root', workspace, '--port', '0'];
  const command = [process.execPath, 'dist/main.js', 'doctor', ...folders];
  return new Promise((resolve) => {
    execFile(PYTHON, ['test/deploy/under-seccomp.py', profilePath, ...command], (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}

describe('the seccomp profile', () => {
  it('allows what is named, namespaces of a user among it, and nothing that rules the machine', () => {
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
    expect([...new Set(profile.syscalls.map(({ action }) => action))]).toEqual(['SCMP_ACT_ALLOW']);
    const names = profile.syscalls.flatMap((rule) => rule.names);
    expect(NAMESPACES.filter((name) => !names.includes(name))).toEqual([]);
    expect(OUT_OF_REACH.filter((name) => names.includes(name))).toEqual([]);
  });

  it('is the one that the manifests name', () => {
    expect(readFileSync('compose.yaml', 'utf8')).toContain(`seccomp:./${PROFILE}`);
    expect(readFileSync('deploy/kubernetes/deployment.yaml', 'utf8')).toContain(
      'localhostProfile: codex-web-server.json',
    );
  });

  (hasLibrary ? it : it.skip)(
    'lets the server, the engine and its sandbox work, which they do not without the namespaces',
    async () => {
      const scratch = new Scratch();
      try {
        const without = join(scratch.root, 'without.json');
        const syscalls = profile.syscalls.filter(({ names }) => names.join() !== NAMESPACES.join());
        writeFileSync(without, JSON.stringify({ ...profile, syscalls: [...syscalls, ...THREADS_ONLY] }));
        expect(await doctor(scratch, PROFILE)).toMatch(/^ok {2}Engine[^]*^ok {2}Sandbox/m);
        expect(await doctor(scratch, without)).toMatch(/^ok {2}Engine[^]*^!! {2}Sandbox/m);
      } finally {
        scratch.remove();
      }
    },
  );
});
