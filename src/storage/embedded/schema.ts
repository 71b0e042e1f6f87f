import { type DatabaseSync } from 'node:sqlite';
import { ServiceError } from '../../core/errors.js';

/**
 * The stream of events that belong to no thread. What it says of itself is of the whole server: `latest_seq` is the
 * server-wide one, so deleted threads don't lower it, and `event_bytes` is the size of all events.
 */
export const SERVER_STREAM_NO = 0;

/*
 * Events are clustered by stream, so a replay reads one range of pages however many other threads there are. The number
 * in place of the thread's id halves the index of the server-wide sequence and makes inserts a third faster (measured).
 * `latest_seq` outlives the events, which go from the front one day.
 */
const EVENTS = `
  CREATE TABLE streams (
    stream_no INTEGER PRIMARY KEY,
    thread_id TEXT NOT NULL UNIQUE,
    latest_seq INTEGER NOT NULL
  ) STRICT;
  INSERT INTO streams (stream_no, thread_id, latest_seq) VALUES (${SERVER_STREAM_NO.toString()}, '', 0);

  CREATE TABLE events (
    stream_no INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    global_seq INTEGER NOT NULL,
    turn_id TEXT,
    name TEXT NOT NULL,
    data TEXT NOT NULL,
    emitted_at_ms INTEGER NOT NULL,
    PRIMARY KEY (stream_no, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX events_by_global_seq ON events (global_seq);
`;

/*
 * `version` is new with every write of the row, for the cache of decoded records. The indices of the lists hold it, so
 * that a page whose records are cached is read from the index alone.
 */
const THREADS = `
  CREATE TABLE threads (
    thread_id TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    engine_thread_id TEXT NOT NULL,
    archived INTEGER NOT NULL,
    ephemeral INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    cwd TEXT,
    model_provider TEXT,
    search_text TEXT NOT NULL,
    metadata TEXT NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX threads_by_created_at ON threads (archived, created_at, thread_id, version) WHERE ephemeral = 0;
  CREATE INDEX threads_by_updated_at ON threads (archived, updated_at, thread_id, version) WHERE ephemeral = 0;
  CREATE INDEX threads_by_cwd ON threads (archived, cwd, created_at, thread_id, version) WHERE ephemeral = 0;
  CREATE INDEX threads_by_engine_id ON threads (engine_thread_id);
`;

/* `row_no` breaks ties of equal positions and times in the order of the first write, and stays with the row. */
const TURNS = `
  CREATE TABLE turns (
    row_no INTEGER PRIMARY KEY,
    thread_id TEXT NOT NULL,
    turn_id TEXT NOT NULL,
    engine_turn_id TEXT,
    position INTEGER NOT NULL,
    status TEXT NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (thread_id, turn_id)
  ) STRICT;
  CREATE INDEX turns_by_position ON turns (thread_id, position);
  CREATE INDEX turns_by_engine_id ON turns (thread_id, engine_turn_id) WHERE engine_turn_id IS NOT NULL;
  CREATE INDEX turns_open ON turns (thread_id, position) WHERE status IN ('queued', 'in_progress');

  CREATE TABLE items (
    row_no INTEGER PRIMARY KEY,
    thread_id TEXT NOT NULL,
    turn_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    json TEXT NOT NULL,
    UNIQUE (thread_id, turn_id, item_id)
  ) STRICT;
  CREATE INDEX items_by_position ON items (thread_id, position);
  CREATE INDEX items_by_turn ON items (thread_id, turn_id, position);
`;

const APPROVALS = `
  CREATE TABLE approvals (
    row_no INTEGER PRIMARY KEY,
    approval_id TEXT NOT NULL UNIQUE,
    thread_id TEXT NOT NULL,
    status TEXT NOT NULL,
    is_pending INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX approvals_by_age ON approvals (is_pending, created_at);
  CREATE INDEX approvals_by_thread ON approvals (thread_id, is_pending, created_at);
  CREATE INDEX approvals_by_status ON approvals (status, is_pending, created_at);
`;

/* Records that nothing else is stored together with: feedback, attachments, answers by idempotency key. */
const DOCUMENTS = `
  CREATE TABLE documents (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    group_key TEXT,
    created_at TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (collection, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX documents_by_age ON documents (collection, created_at, id);
  CREATE INDEX documents_by_group ON documents (collection, group_key, created_at, id) WHERE group_key IS NOT NULL;
`;

/** What an event's row takes beside its `data`: the other columns, the index, the free part of its pages (measured). */
export const EVENT_ROW_BYTES = 110;

/*
 * The size of what is kept is counted along, since adding it up would read every page. `leftovers` are the threads whose
 * deletion was too large for one transaction: nothing finds their events, items and turns any more.
 */
const RETENTION = `
  ALTER TABLE streams ADD COLUMN event_bytes INTEGER NOT NULL DEFAULT 0;
  UPDATE streams SET event_bytes =
    (SELECT coalesce(sum(octet_length(data) + ${EVENT_ROW_BYTES.toString()}), 0) FROM events)
    WHERE stream_no = ${SERVER_STREAM_NO.toString()};

  CREATE TABLE leftovers (
    row_no INTEGER PRIMARY KEY,
    thread_id TEXT NOT NULL,
    stream_no INTEGER
  ) STRICT;
`;

/*
 * What the service puts into a thread's history before a turn was among the turn's options, and the time of an import
 * among the thread's. Turns that are over need none of it.
 */
const OPTIONS = `
  UPDATE turns INDEXED BY turns_open SET record = json_remove(
      json_set(record, '$.history', json_extract(record, '$.options.inject_items')), '$.options.inject_items'
    )
    WHERE status IN ('queued', 'in_progress') AND json_type(record, '$.options.inject_items') = 'array';
  UPDATE threads SET record = json_remove(record, '$.options.imported_at') WHERE record LIKE '%"imported_at"%';
`;

/** What leads from each version to the next; a released one is never changed. */
const MIGRATIONS: readonly string[] = [EVENTS + THREADS + TURNS + APPROVALS, DOCUMENTS, RETENTION, OPTIONS];

/**
 * Brings the database to this version, each step in a transaction of its own. Throws `storage_unavailable` for a
 * database of a later version, and leaves it as it is.
 */
export function migrate(database: DatabaseSync): void {
  const version = readVersion(database);
  if (version > MIGRATIONS.length) {
    throw new ServiceError(
      'storage_unavailable',
      `The database has version ${version.toString()}, which a later release of the server made; this one knows ` +
        `versions up to ${MIGRATIONS.length.toString()}. Use that release, or another data directory.`,
    );
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index >= version) {
      database.exec(`BEGIN IMMEDIATE; ${migration} PRAGMA user_version = ${(index + 1).toString()}; COMMIT`);
    }
  }
}

function readVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version);
}
