import { readConfigFile } from '../codex/config/config-file.js';
import { findTable } from '../codex/config/config-edits.js';
import { type Finding } from './finding.js';

const MOST_SHOWN = 5;

/**
 * The folders whose `.codex` may run programs outside of the sandbox, as the engine's configuration has it. Other clients,
 * and earlier versions of this server, put each folder there in which a thread could write.
 */
export function examineTrust(codexHome: string): Finding[] {
  const projects = findTable(readConfigFile(codexHome).table, ['projects']) ?? {};
  const trusted = Object.keys(projects).filter((path) => findTable(projects, [path])?.trust_level === 'trusted');
  if (trusted.length === 0) {
    return [];
  }
  const more = trusted.length > MOST_SHOWN ? ` and ${String(trusted.length - MOST_SHOWN)} more` : '';
  return [
    {
      name: 'Trust',
      state: 'warning',
      detail: `config.toml trusts ${trusted.slice(0, MOST_SHOWN).join(', ')}${more}: programs that their .codex names are run`,
      advice: 'take out of [projects] what you did not write yourself; see docs/security.md',
    },
  ];
}
