import { type ApprovalKind, type ApprovalRecord } from '../../../../src/core/approvals/approval.js';
import { DECISIONS_OF } from '../../../../src/codex/answers.js';
import { type EngineQuestion, type Payload } from '../../../../src/core/engine/engine.js';

export function toApprovalRecord(kind: ApprovalKind): ApprovalRecord {
  return {
    approvalId: 'approval-1',
    threadId: 'thread-1',
    turnId: 'turn-1',
    itemId: 'item-1',
    kind,
    status: 'pending',
    createdAt: '2026-01-02T03:00:00.000Z',
    expiresAt: '2026-01-02T03:15:00.000Z',
    availableDecisions: DECISIONS_OF[kind],
    request: {},
    decision: null,
    resolvedAt: null,
  };
}

export function toQuestion(kind: ApprovalKind, payload: Payload = {}, ref = '[1,1]'): EngineQuestion {
  return {
    type: 'question',
    name: `a question of kind ${kind}`,
    ref,
    kind,
    engineThreadId: 'thread-1',
    engineTurnId: 'engine-turn-1',
    itemId: 'item-1',
    availableDecisions: DECISIONS_OF[kind],
    payload,
  };
}
