import { type ApprovalIndex } from '../../src/core/approvals/approval-index.js';
import { type AttachmentIndex } from '../../src/core/attachments/attachment-index.js';
import { type EventLog } from '../../src/core/events/event-log.js';
import { type Journal } from '../../src/core/events/journal.js';
import { type FeedbackOutbox } from '../../src/core/feedback/feedback-outbox.js';
import { type IdempotencyStore } from '../../src/core/idempotency/idempotency-store.js';
import { type Records } from '../../src/core/records/records.js';
import { type ThreadIndex } from '../../src/core/threads/thread-index.js';
import { type TurnIndex } from '../../src/core/turns/turn-index.js';
import { describeDocuments } from './document-contract.js';
import { describeEvents } from './event-contract.js';
import { describeHistory } from './history-contract.js';
import { describeRecords } from './record-contract.js';
import { describeThreads } from './thread-contract.js';

/** The storage ports of one adapter, on an empty store. */
export interface Storage {
  journal: Journal;
  eventLog: EventLog;
  threads: ThreadIndex;
  turns: TurnIndex;
  approvals: ApprovalIndex;
  feedback: FeedbackOutbox;
  attachments: AttachmentIndex;
  idempotency: IdempotencyStore;
  records: Records;
  close(): Promise<void>;
}

/** What every adapter of the storage ports must do. `open` gives a new, empty store for each test. */
export function describeStorage(name: string, open: () => Promise<Storage>): void {
  describe(`${name} keeps the storage contract`, () => {
    let storage: Storage;

    beforeEach(async () => {
      storage = await open();
    });

    afterEach(async () => {
      await storage.close();
    });

    describe('events', () => {
      describeEvents(() => storage);
    });

    describe('threads', () => {
      describeThreads(() => storage);
    });

    describe('turns, items and approvals', () => {
      describeHistory(() => storage);
    });

    describe('records', () => {
      describeRecords(() => storage);
    });

    describe('feedback, attachments and answers', () => {
      describeDocuments(() => storage);
    });
  });
}
