import { type ApprovalAnswer } from '../../../../src/core/approvals/approval-answer.js';
import { requireAnswerable, settle } from '../../../../src/core/approvals/approval-state.js';
import {
  type ApprovalKind,
  type ApprovalRecord,
  type ApprovalStatus,
} from '../../../../src/core/approvals/approval.js';
import { DECISIONS_OF } from '../../../../src/codex/answers.js';
import { toApprovalRecord } from './approval-builders.js';

const AT = '2026-01-02T03:04:05.678Z';

function faultOf(approval: ApprovalRecord, answer: ApprovalAnswer): object | undefined {
  try {
    requireAnswerable(approval, answer);
    return undefined;
  } catch (error) {
    const { code, fields } = error as { code: string; fields: { path: string }[] };
    return { code, paths: fields.map(({ path }) => path) };
  }
}

describe('settle', () => {
  const pending = toApprovalRecord('command_execution');

  it.each([
    [{ type: 'answered', decision: 'approve' } as const, { status: 'answered', decision: 'approve' }],
    [{ type: 'expired' } as const, { status: 'expired', decision: null }],
    [{ type: 'withdrawn' } as const, { status: 'cancelled', decision: null }],
  ])('settles a pending approval: %j', (input, change) => {
    expect(settle(pending, input, AT)).toEqual({ ...pending, ...change, resolvedAt: AT });
  });

  it.each(['answered', 'expired', 'cancelled'] as const)('leaves one that is %s as it is', (status) => {
    const approval = { ...pending, status };
    expect(settle(approval, { type: 'answered', decision: 'decline' }, AT)).toBe(approval);
    expect(settle(approval, { type: 'expired' }, AT)).toBe(approval);
    expect(settle(approval, { type: 'withdrawn' }, AT)).toBe(approval);
  });
});

describe('requireAnswerable', () => {
  it.each<[ApprovalStatus, string]>([
    ['answered', 'already_answered'],
    ['expired', 'approval_expired'],
    ['cancelled', 'conflict'],
  ])('refuses one that is %s with %s', (status, code) => {
    const approval = { ...toApprovalRecord('file_change'), status };
    expect(faultOf(approval, { decision: 'approve' })).toEqual({ code, paths: [] });
  });

  const kinds = Object.entries(DECISIONS_OF) as [ApprovalKind, readonly string[]][];

  it.each(kinds)('takes the decisions of %s and no other: %j', (kind, available) => {
    for (const decision of ['approve', 'approve_for_session', 'decline', 'cancel'] as const) {
      const refusal = available.includes(decision) ? undefined : { code: 'invalid_request', paths: ['decision'] };
      expect(faultOf(toApprovalRecord(kind), { decision })).toEqual(refusal);
    }
  });

  const parts: [keyof ApprovalAnswer, ApprovalKind, Partial<ApprovalAnswer>][] = [
    ['amendments', 'command_execution', { amendments: {} }],
    ['answers', 'user_input', { answers: {} }],
    ['content', 'mcp_elicitation', { content: null }],
    ['permissions', 'permissions', { permissions: {} }],
    ['result', 'tool_call', { result: { content: [] } }],
  ];

  it.each(parts)('takes %s with an approved %s only', (part, owner, value) => {
    const refusal = { code: 'invalid_request', paths: [part] };
    for (const [kind] of kinds) {
      const fault = faultOf(toApprovalRecord(kind), { decision: 'approve', ...value });
      expect(fault).toEqual(kind === owner ? undefined : refusal);
    }
    const decision = DECISIONS_OF[owner].at(-1) ?? 'decline';
    expect(faultOf(toApprovalRecord(owner), { decision, ...value })).toEqual(refusal);
  });
});
