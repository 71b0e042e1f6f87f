import { parseApprovalPolicy } from './approval-policy.js';
import { type OptionOf } from './option.js';
import { APPROVAL_POLICIES, type CeilingValues, SANDBOX_LEVELS } from './settings.js';
import * as value from './value-parsers.js';

/** How far callers may go who are no admins. */
export const CEILING_OPTIONS = [
  {
    name: 'maxSandbox',
    flag: 'max-sandbox',
    env: ['CODEX_WEB_MAX_SANDBOX'],
    placeholder: 'MODE',
    help: `most for tokens without admin: ${SANDBOX_LEVELS.join(', ')}`,
    defaultHelp: 'workspace-write',
    parse: value.parseChoice(SANDBOX_LEVELS),
  },
  {
    name: 'allowsNetwork',
    flag: 'allow-network',
    env: ['CODEX_WEB_ALLOW_NETWORK'],
    help: 'let tokens without admin ask for network_access in the sandbox',
    defaultHelp: 'off',
    parse: value.parseSwitch,
  },
  {
    name: 'maxApprovalPolicy',
    flag: 'max-approval-policy',
    env: ['CODEX_WEB_MAX_APPROVAL_POLICY'],
    placeholder: 'POLICY',
    help: `like it for the approval policy: ${APPROVAL_POLICIES.join(', ')}`,
    defaultHelp: 'on-request',
    parse: parseApprovalPolicy,
  },
] satisfies readonly OptionOf[];

export function defaultCeiling(): CeilingValues {
  return { maxSandbox: 'workspace-write', allowsNetwork: false, maxApprovalPolicy: 'on-request' };
}
