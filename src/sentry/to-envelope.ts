import { type FeedbackRecord } from '../core/feedback/feedback.js';

interface Sender {
  /** Of this service. */
  version: string;
  sentAt: Date;
}

/**
 * User feedback with its log as an attachment, by https://develop.sentry.dev/sdk/data-model/envelopes/ and
 * https://develop.sentry.dev/sdk/data-model/envelope-items/: lines of JSON, each payload after a header that has its length.
 */
export function toEnvelope(feedback: FeedbackRecord, log: string | null, { version, sentAt }: Sender): Buffer {
  const eventId = feedback.feedbackId.replaceAll('-', '');
  const sdk = { name: 'codex-web-server', version };
  const event = JSON.stringify({ ...toEvent(feedback), event_id: eventId, release: `${sdk.name}@${version}`, sdk });
  const items = [
    toItem({ type: 'feedback' }, event),
    ...(log === null
      ? []
      : [toItem({ type: 'attachment', filename: 'events.jsonl', content_type: 'application/jsonl' }, log)]),
  ];
  const header = JSON.stringify({ event_id: eventId, sent_at: sentAt.toISOString(), sdk });
  return Buffer.from([header, ...items, ''].join('\n'));
}

function toItem(header: object, payload: string): string {
  return `${JSON.stringify({ ...header, length: Buffer.byteLength(payload) })}\n${payload}`;
}

/** A message is required. */
function toEvent({ classification, reason, threadId, feedbackId, createdAt }: FeedbackRecord): object {
  const message = reason ?? `(${classification}, without a reason)`;
  return {
    type: 'feedback',
    level: 'info',
    platform: 'node',
    environment: 'production',
    timestamp: Date.parse(createdAt) / 1000,
    contexts: { feedback: { message, source: 'codex-web-server' } },
    tags: { classification, feedback_id: feedbackId, ...(threadId !== null && { thread_id: threadId }) },
  };
}
