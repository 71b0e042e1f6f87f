import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DirectoryLock, guard, prepareDirectory, prepareFile } from './data-directory.js';
import { DiskAttachmentFiles } from './disk-attachment-files.js';
import { migrate } from './schema.js';
import { SqliteApprovalIndex } from './sqlite-approval-index.js';
import { toStorageError } from './sqlite-error.js';
import { SqliteAttachmentIndex } from './sqlite-attachment-index.js';
import { SqliteEventLog } from './sqlite-event-log.js';
import { SqliteFeedbackOutbox } from './sqlite-feedback-outbox.js';
import { SqliteIdempotencyStore } from './sqlite-idempotency-store.js';
import { SqliteJournal } from './sqlite-journal.js';
import { SqliteReader } from './sqlite-reader.js';
import { SqliteThreadIndex } from './sqlite-thread-index.js';
import { SqliteTurnIndex } from './sqlite-turn-index.js';
import { WriterThread } from './writer-thread.js';

const DATABASE_NAME = 'codex-web.db';
const ATTACHMENTS_NAME = 'attachments';

export interface EmbeddedStorageOptions {
  /** Made if it is missing. */
  dataDir: string;
  /** How long to wait for another program (a backup, a shell) that holds the database; 5,000 by default. */
  busyTimeoutMs?: number;
}

/**
 * The storage ports on one SQLite database: a thread that writes, and reads on the main thread. Attachments' bytes are
 * files beside it.
 */
export class EmbeddedStorage {
  readonly journal: SqliteJournal;
  readonly eventLog: SqliteEventLog;
  readonly threads: SqliteThreadIndex;
  readonly turns: SqliteTurnIndex;
  readonly approvals: SqliteApprovalIndex;
  readonly feedback: SqliteFeedbackOutbox;
  readonly attachments: SqliteAttachmentIndex;
  readonly idempotency: SqliteIdempotencyStore;
  #closed: Promise<void> | undefined;

  private constructor(
    private readonly lock: DirectoryLock,
    private readonly reader: SqliteReader,
    private readonly writer: WriterThread,
    readonly attachmentFiles: DiskAttachmentFiles,
  ) {
    this.journal = new SqliteJournal(reader, writer);
    this.eventLog = new SqliteEventLog(reader);
    this.threads = new SqliteThreadIndex(reader);
    this.turns = new SqliteTurnIndex(reader);
    this.approvals = new SqliteApprovalIndex(reader);
    this.feedback = new SqliteFeedbackOutbox(reader, this.journal);
    this.attachments = new SqliteAttachmentIndex(reader, this.journal);
    this.idempotency = new SqliteIdempotencyStore(reader, this.journal);
  }

  /**
   * Throws `conflict` when another server uses the directory, and `storage_unavailable` when the directory or the
   * database in it can't be used: not writable, damaged, of a later version.
   */
  static async open({ dataDir, busyTimeoutMs = 5_000 }: EmbeddedStorageOptions): Promise<EmbeddedStorage> {
    prepareDirectory(dataDir);
    const lock = new DirectoryLock(dataDir);
    try {
      const file = prepareFile(dataDir, DATABASE_NAME);
      guard(dataDir, () => {
        prepareDatabase(file, busyTimeoutMs);
      });
      return await EmbeddedStorage.#start(lock, file, busyTimeoutMs);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  static async #start(lock: DirectoryLock, file: string, busyTimeoutMs: number): Promise<EmbeddedStorage> {
    const writer = new WriterThread({ file, busyTimeoutMs });
    let reader: SqliteReader | undefined;
    try {
      await writer.run([]);
      reader = new SqliteReader(file, busyTimeoutMs);
      const files = new DiskAttachmentFiles(join(dirname(file), ATTACHMENTS_NAME));
      return new EmbeddedStorage(lock, reader, writer, files);
    } catch (error) {
      reader?.close();
      await writer.close();
      throw toStorageError(error);
    }
  }

  /** Waits for what is being written, writes the log back into the database file, and lets others in. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    try {
      await this.journal.close();
      this.reader.close();
      await this.writer.close();
    } finally {
      this.lock.release();
    }
  }
}

function prepareDatabase(file: string, busyTimeoutMs: number): void {
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    migrate(database);
    database.exec('PRAGMA journal_mode = WAL');
  } finally {
    database.close();
  }
}
