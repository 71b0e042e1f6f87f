import { readConfigFile } from '../config/config-file.js';
import { findTable, type TomlTable } from '../config/config-edits.js';
import { isGuardProfile, toInlineToml, toProfiles } from './guard-profiles.js';

/** The configuration of the whole machine, below the user's. */
const SYSTEM_FOLDER = '/etc/codex';
const DEFAULT_MODE = 'read-only';

/**
 * What the engine is told on its command line (`-c key=value`), so that profiles of permissions exist under which the
 * secrets can't be read, and the operator's own profiles deny them too. Profiles need a configuration that says what is the
 * default: where it says nothing, that is to read only.
 */
export function toGuardOverrides(
  table: TomlTable,
  { secrets, readOnly }: { secrets: readonly string[]; readOnly: readonly string[] },
): string[] {
  const own = Object.entries(findTable(table, ['permissions']) ?? {}).filter(([name]) => !isGuardProfile(name));
  const denied = Object.fromEntries(secrets.map((path) => [path, 'deny']));
  const values: [string, unknown][] = [
    ...Object.entries(toProfiles(secrets, readOnly)),
    ...own.map(([name]): [string, unknown] => [name, { filesystem: denied }]),
  ];
  const permissions = ['-c', `permissions=${toInlineToml(Object.fromEntries(values))}`];
  const saysDefault = [table, readConfigFile(SYSTEM_FOLDER).table].some(hasDefault);
  return saysDefault ? permissions : [...permissions, '-c', `sandbox_mode=${JSON.stringify(DEFAULT_MODE)}`];
}

function hasDefault(table: TomlTable): boolean {
  const profile = typeof table.profile === 'string' ? findTable(table, ['profiles', table.profile]) : undefined;
  return [table, profile].some((part) => typeof (part?.sandbox_mode ?? part?.default_permissions) === 'string');
}
