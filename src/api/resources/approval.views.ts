import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  APPROVAL_KINDS,
  APPROVAL_STATUSES,
  type ApprovalKind,
  type ApprovalRecord,
  type ApprovalStatus,
  type Decision,
  DECISIONS,
} from '../../core/approvals/approval.js';
import { type View } from '../../http/view.js';

@ApiSchema({ description: "A question of the agent's that waits for somebody's answer." })
export class ApprovalDto {
  approval_id!: string;
  thread_id!: string;
  turn_id!: string | null;

  /** The item that it is about. */
  item_id!: string | null;

  @ApiProperty({ enum: APPROVAL_KINDS })
  kind!: ApprovalKind;

  /** Only a `pending` one can be answered. */
  @ApiProperty({ enum: APPROVAL_STATUSES })
  status!: ApprovalStatus;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  /** When it counts as declined if nobody has answered. */
  @ApiProperty({ format: 'date-time' })
  expires_at!: string;

  /** What an answer may say; one with `amendments` needs the scope `admin` besides. */
  @ApiProperty({ enum: DECISIONS, isArray: true })
  available_decisions!: Decision[];

  /** The answer that was given. */
  @ApiProperty({ enum: [...DECISIONS, null], nullable: true })
  decision!: Decision | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  resolved_at!: string | null;

  /** What the engine asks, by kind, in words of its own; the event of the same question tells the same. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  request!: Readonly<Record<string, unknown>>;
}

export function toApproval(record: ApprovalRecord): View<ApprovalDto> {
  return {
    approval_id: record.approvalId,
    thread_id: record.threadId,
    turn_id: record.turnId,
    item_id: record.itemId,
    kind: record.kind,
    status: record.status,
    created_at: record.createdAt,
    expires_at: record.expiresAt,
    available_decisions: [...record.availableDecisions],
    decision: record.decision,
    resolved_at: record.resolvedAt,
    request: {
      ...record.request,
      thread_id: record.threadId,
      ...(record.turnId === null ? {} : { turn_id: record.turnId }),
    },
  };
}
