/** From the least to the most that commands may do. */
export const SANDBOX_LEVELS = ['read-only', 'workspace-write', 'danger-full-access'] as const;
export type SandboxLevel = (typeof SANDBOX_LEVELS)[number];

/** From the policy that asks most often to the one that never asks. */
export const APPROVAL_LEVELS = ['untrusted', 'on-request', 'never'] as const;
export type ApprovalLevel = (typeof APPROVAL_LEVELS)[number];

/** How far a caller may go: what he asks for, and whatever runs for him, stays within it. */
export interface Ceiling {
  readonly sandbox: SandboxLevel;
  /** Whether commands in a sandbox may be given the network. */
  readonly hasNetwork: boolean;
  readonly approvalPolicy: ApprovalLevel;
}

export const NO_CEILING: Ceiling = Object.freeze({
  sandbox: 'danger-full-access',
  hasNetwork: true,
  approvalPolicy: 'never',
});

/** For a caller who has nothing run. */
export const LOWEST_CEILING: Ceiling = Object.freeze({
  sandbox: 'read-only',
  hasNetwork: false,
  approvalPolicy: 'untrusted',
});
