export const APPROVAL_KINDS = [
  'command_execution',
  'file_change',
  'permissions',
  'user_input',
  'mcp_elicitation',
  'tool_call',
] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

export const APPROVAL_STATUSES = ['pending', 'answered', 'expired', 'cancelled'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export const DECISIONS = ['approve', 'approve_for_session', 'decline', 'cancel'] as const;
export type Decision = (typeof DECISIONS)[number];

/** A question of the engine which somebody has to answer, as it is stored. */
export interface ApprovalRecord {
  approvalId: string;
  threadId: string;
  turnId: string | null;
  itemId: string | null;
  kind: ApprovalKind;
  status: ApprovalStatus;
  /** RFC 3339, UTC, milliseconds. */
  createdAt: string;
  expiresAt: string;
  availableDecisions: readonly Decision[];
  /** The engine's parameters, in snake_case. */
  request: Readonly<Record<string, unknown>>;
  /** How it was answered; `null` while it is pending, and when it ended without an answer. */
  decision: Decision | null;
  resolvedAt: string | null;
  /** The operation of the keyed request that answered it, by which its retry is known. */
  answeredBy?: string;
}

/** Whether the turn has to be interrupted for it, since the engine's own answer to this kind has no word for `cancel`. */
export function needsInterrupt({ decision, kind }: ApprovalRecord): boolean {
  return decision === 'cancel' && kind !== 'command_execution' && kind !== 'file_change';
}
