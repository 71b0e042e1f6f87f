import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { steadyNowMs } from '../../core/steady-clock.js';
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
import { SqliteRecords } from './sqlite-records.js';
import { SqliteReader } from './sqlite-reader.js';
import { type RetentionLimits, SqliteRetention } from './sqlite-retention.js';
import { SqliteThreadIndex } from './sqlite-thread-index.js';
import { SqliteTurnIndex } from './sqlite-turn-index.js';
import { DATABASE_NAME } from './storage-size.js';
import { WriterThread } from './writer-thread.js';

const ATTACHMENTS_NAME = 'attachments';
/** SQLite's number for the mode in which free pages leave the file when asked to. */
const INCREMENTAL = 2;
const BUSY_TIMEOUT_MS = 5_000;

export interface EmbeddedStorageOptions {
  /** Made if it is missing. */
  dataDir: string;
  /** How long to wait for another program (a backup, a shell) that holds the database; 5,000 by default. */
  busyTimeoutMs?: number;
  /** Which events `retention` deletes; without them all are kept. */
  retention?: RetentionLimits;
  /** Told what was wrong with the directory and could be put right, or could not. */
  warn?: (message: string) => void;
  /** Unix milliseconds, for the age of events. */
  nowMs?: () => number;
}

const KEEPS_ALL: RetentionLimits = {
  eventRetentionMs: Number.POSITIVE_INFINITY,
  maxEventsPerThread: Number.MAX_SAFE_INTEGER,
  maxEventBytes: Number.POSITIVE_INFINITY,
};

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
  readonly attachmentFiles: DiskAttachmentFiles;
  readonly idempotency: SqliteIdempotencyStore;
  readonly records: SqliteRecords;
  /** To be run now and then. */
  readonly retention: SqliteRetention;
  #closed: Promise<void> | undefined;

  private constructor(
    private readonly lock: DirectoryLock,
    private readonly reader: SqliteReader,
    private readonly writer: WriterThread,
    options: EmbeddedStorageOptions,
  ) {
    this.attachmentFiles = new DiskAttachmentFiles(join(options.dataDir, ATTACHMENTS_NAME));
    this.journal = new SqliteJournal(reader, writer);
    this.eventLog = new SqliteEventLog(reader);
    this.threads = new SqliteThreadIndex(reader);
    this.turns = new SqliteTurnIndex(reader);
    this.approvals = new SqliteApprovalIndex(reader);
    this.feedback = new SqliteFeedbackOutbox(reader, this.journal);
    this.attachments = new SqliteAttachmentIndex(reader, this.journal);
    this.idempotency = new SqliteIdempotencyStore(reader, this.journal);
    this.records = new SqliteRecords(reader, this.journal);
    const { retention = KEEPS_ALL, nowMs = steadyNowMs } = options;
    this.retention = new SqliteRetention({ reader, journal: this.journal }, retention, nowMs);
  }

  /**
   * Throws `conflict` when another server uses the directory, and `storage_unavailable` when the directory or the
   * database in it can't be used: not writable, damaged, of a later version.
   */
  static async open(options: EmbeddedStorageOptions): Promise<EmbeddedStorage> {
    const { dataDir, busyTimeoutMs = BUSY_TIMEOUT_MS, warn } = options;
    for (const message of prepareDirectory(dataDir)) {
      warn?.(message);
    }
    const lock = new DirectoryLock(dataDir);
    try {
      const file = prepareFile(dataDir, DATABASE_NAME);
      guard(dataDir, () => {
        prepareDatabase(file, busyTimeoutMs);
      });
      return await EmbeddedStorage.#start(lock, file, options);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  static async #start(lock: DirectoryLock, file: string, options: EmbeddedStorageOptions): Promise<EmbeddedStorage> {
    const { busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
    const writer = new WriterThread({ file, busyTimeoutMs });
    let reader: SqliteReader | undefined;
    try {
      await writer.run([]);
      reader = new SqliteReader(file, busyTimeoutMs);
      return new EmbeddedStorage(lock, reader, writer, options);
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
    database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    migrate(database);
    // Only a new file takes the mode over at once.
    if (database.prepare('PRAGMA auto_vacuum').get()?.auto_vacuum !== INCREMENTAL) {
      database.exec('VACUUM');
    }
    database.exec('PRAGMA journal_mode = WAL');
  } finally {
    database.close();
  }
}
