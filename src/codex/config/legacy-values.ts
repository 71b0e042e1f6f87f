import { type ConfigEdit, findTable, isTable, type TomlTable } from './config-edits.js';

interface LegacyEdits {
  edits: ConfigEdit[];
  threadPolicy: 'untrusted' | null;
  warnings: string[];
}

/** Approval policies that the engine had, or still has but not in a file, and what stands for them now. */
export const LEGACY_POLICIES: Readonly<Record<string, 'on-request' | 'untrusted'>> = {
  auto: 'on-request',
  'on-failure': 'on-request',
  'unless-allow-listed': 'untrusted',
  untrusted: 'untrusted',
};

/** Values of earlier versions of Codex that the engine refuses or ignores now. */
export function toLegacyEdits(table: TomlTable): LegacyEdits {
  const policies = [[] as string[], ...Object.keys(findTable(table, ['profiles']) ?? {}).map((id) => ['profiles', id])];
  const parts = [
    ...policies.map((path) => toPolicyEdit(table, path)),
    ...Object.entries(findTable(table, ['mcp_servers']) ?? {}).map(([name, server]) => toTransportEdit(name, server)),
  ].filter((part) => part !== undefined);
  return {
    edits: parts.map(({ edit }) => edit),
    threadPolicy: LEGACY_POLICIES[String(table.approval_policy)] === 'untrusted' ? 'untrusted' : null,
    warnings: parts.map(({ warning }) => warning),
  };
}

interface LegacyPart {
  edit: ConfigEdit;
  warning: string;
}

function toPolicyEdit(table: TomlTable, owner: readonly string[]): LegacyPart | undefined {
  const from = findTable(table, owner)?.approval_policy;
  const to = typeof from === 'string' ? LEGACY_POLICIES[from] : undefined;
  if (typeof from !== 'string' || to === undefined) {
    return undefined;
  }
  const path = [...owner, 'approval_policy'];
  const what = `${path.join('.')} = "${from}"`;
  if (to === 'on-request') {
    return { edit: { kind: 'set', path, from, to }, warning: `${what} became "${to}".` };
  }
  // The engine takes this policy for a thread only.
  return owner.length === 0
    ? { edit: { kind: 'leave-out', path }, warning: `${what} became the policy "${to}" of each new thread.` }
    : {
        edit: { kind: 'set', path, from, to: 'on-request' },
        warning: `${what} became "on-request": the engine has no such policy for a profile.`,
      };
}

function toTransportEdit(name: string, server: unknown): LegacyPart | undefined {
  if (!isTable(server) || typeof server.transport !== 'string') {
    return undefined;
  }
  const by = server.url === undefined ? '"command"' : '"url"';
  return {
    edit: { kind: 'leave-out', path: ['mcp_servers', name, 'transport'] },
    warning: `mcp_servers.${name}.transport = "${server.transport}" is left out: ${by} says it by itself now.`,
  };
}
