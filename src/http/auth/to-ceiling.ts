import { APPROVAL_LEVELS, type Ceiling, NO_CEILING } from '../../core/permissions/ceiling.js';
import { type Scope } from '../../settings/scopes.js';
import { type SettingValues } from '../../settings/settings.js';

export type CeilingSettings = Pick<
  SettingValues,
  'maxSandbox' | 'allowsNetwork' | 'maxApprovalPolicy' | 'approvalPolicy' | 'isBypassingApprovalsAndSandbox'
>;

/**
 * How far callers may go who are no admins. Never below what the flags give to those who ask for nothing. Who may have
 * full access may have all of it.
 */
export function toServerCeiling(settings: CeilingSettings): Ceiling {
  const { maxSandbox, allowsNetwork, maxApprovalPolicy, approvalPolicy } = settings;
  if (settings.isBypassingApprovalsAndSandbox || maxSandbox === 'danger-full-access') {
    return NO_CEILING;
  }
  const ranks = [maxApprovalPolicy, approvalPolicy ?? 'untrusted'].map((policy) => APPROVAL_LEVELS.indexOf(policy));
  const highest = APPROVAL_LEVELS[Math.max(...ranks)] ?? maxApprovalPolicy;
  return Object.freeze({ sandbox: maxSandbox, hasNetwork: allowsNetwork, approvalPolicy: highest });
}

/** The ceiling of a token with these scopes. */
export function toCeiling(scopes: ReadonlySet<Scope>, ofServer: Ceiling): Ceiling {
  return scopes.has('admin') ? NO_CEILING : ofServer;
}
