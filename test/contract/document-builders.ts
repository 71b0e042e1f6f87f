import { randomUUID } from 'node:crypto';
import { type AttachmentRecord } from '../../src/core/attachments/attachment.js';
import { type FeedbackRecord } from '../../src/core/feedback/feedback.js';
import { type IdempotencyRecord } from '../../src/core/idempotency/idempotency-store.js';

const NOW = '2026-01-02T03:04:05.678Z';

export function feedback(parts: Partial<FeedbackRecord> = {}): FeedbackRecord {
  return {
    feedbackId: randomUUID(),
    callerId: 'caller',
    classification: 'bug',
    reason: null,
    threadId: null,
    includeLogs: false,
    lastSeq: 0,
    createdAt: NOW,
    status: 'pending',
    attempts: 0,
    lastError: null,
    nextAttemptAtMs: null,
    deliveredAt: null,
    ...parts,
  };
}

export function kept(parts: Partial<IdempotencyRecord> = {}): IdempotencyRecord {
  return {
    callerId: 'caller',
    key: 'key',
    fingerprint: 'fingerprint',
    operationId: 'operation',
    answer: { status: 201, headers: { Location: '/there' }, body: '{"a":1}' },
    createdAt: NOW,
    ...parts,
  };
}

export function attachment(parts: Partial<AttachmentRecord> = {}): AttachmentRecord {
  return {
    attachmentId: randomUUID(),
    callerId: 'caller',
    filename: 'notes.txt',
    contentType: 'text/plain',
    sizeBytes: 5,
    sha256: 'ab'.repeat(32),
    threadId: null,
    createdAt: NOW,
    ...parts,
  };
}
