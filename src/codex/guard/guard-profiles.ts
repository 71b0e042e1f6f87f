import { type SandboxPolicy } from '../protocol/generated/types.js';

/** What the names of this server's profiles of permissions begin with. */
const PREFIX = 'codex-web';
const READ_ONLY = `${PREFIX}-read-only`;
const WORKSPACE = `${PREFIX}-workspace`;

export const isGuardProfile = (name: string): boolean => name.startsWith(`${PREFIX}-`);

type Table = Record<string, unknown>;

/** A policy that confines. */
export type ConfiningPolicy = Extract<SandboxPolicy, { type: 'readOnly' | 'workspaceWrite' }>;

export const isConfining = (policy: SandboxPolicy): policy is ConfiningPolicy =>
  policy.type === 'readOnly' || policy.type === 'workspaceWrite';

/** Whether a profile, the engine's own or this server's, lets commands write in their folder. */
export const isWorkspaceProfile = (name: unknown): boolean =>
  name === ':workspace' || (typeof name === 'string' && name.startsWith(WORKSPACE));

const SWITCHES = ['network', 'no-slash-tmp', 'no-tmpdir'] as const;

/** The profile that is this policy, its further folders left aside, with the secrets out of reach. */
export function toProfileName(policy: ConfiningPolicy): string {
  if (policy.type === 'readOnly') {
    return policy.networkAccess ? `${READ_ONLY}-network` : READ_ONLY;
  }
  const { networkAccess, excludeSlashTmp, excludeTmpdirEnvVar } = policy;
  const flags = [networkAccess, excludeSlashTmp, excludeTmpdirEnvVar];
  return [WORKSPACE, ...SWITCHES.filter((_, index) => flags[index])].join('-');
}

/** The profile in the place of one of the engine's own; any other stays what it is. */
export function toGuarded(profile: string): string {
  return { ':read-only': READ_ONLY, ':workspace': WORKSPACE }[profile] ?? profile;
}

/** All profiles, by name. `secrets` can't be read, and `readOnly` not be written. */
export function toProfiles(secrets: readonly string[], readOnly: readonly string[]): Record<string, Table> {
  const filesystem: Table = {
    ...Object.fromEntries(readOnly.map((path) => [path, 'read'])),
    ...Object.fromEntries(secrets.map((path) => [path, 'deny'])),
  };
  const profiles: Record<string, Table> = {
    [READ_ONLY]: { extends: ':read-only', filesystem },
    [`${READ_ONLY}-network`]: { extends: READ_ONLY, network: { enabled: true } },
    [WORKSPACE]: { extends: ':workspace', filesystem },
  };
  for (let bits = 1; bits < 2 ** SWITCHES.length; bits += 1) {
    const [network, noSlashTmp, noTmpdir] = SWITCHES.map((_, index) => (bits & (1 << index)) !== 0);
    const name = [WORKSPACE, ...SWITCHES.filter((_, index) => (bits & (1 << index)) !== 0)].join('-');
    profiles[name] = {
      extends: WORKSPACE,
      filesystem: { ...(noSlashTmp ? { ':slash_tmp': 'read' } : {}), ...(noTmpdir ? { ':tmpdir': 'read' } : {}) },
      ...(network ? { network: { enabled: true } } : {}),
    };
  }
  return profiles;
}

/** A value as the engine reads it on its command line. */
export function toInlineToml(value: unknown): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return `{${Object.entries(value)
      .map(([key, one]) => `${JSON.stringify(key)}=${toInlineToml(one)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value);
}
