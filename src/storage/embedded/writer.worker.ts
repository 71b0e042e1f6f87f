/**
 * The writer thread: runs one transaction a message on a connection of its own and answers each. It knows SQL and
 * nothing else. It imports Node's own modules only, so that it also starts from its source, by Node's type stripping.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

export interface WriterOptions {
  file: string;
  busyTimeoutMs: number;
}

/** A statement and its rows, `width` values each, one after the other: flat lists are the cheapest to hand over. */
export interface WriteStep {
  sql: string;
  width: number;
  values: SQLInputValue[];
}

/** The steps of one transaction; the wish that some free pages leave the file; the wish that the thread ends. */
export type WriterRequest = readonly WriteStep[] | 'compact' | 'close';

export interface WriterFailure {
  message: string;
  /** SQLite's extended result code; 0 for an error that isn't SQLite's. */
  errcode: number;
}

/** Few, so that a commit that comes meanwhile waits for a millisecond or two. */
const COMPACTED_PAGES = 64;

/** `null`: it is on the disk. */
export type WriterReply = WriterFailure | null;

const port = requirePort();
const options = workerData as WriterOptions;
const database = new DatabaseSync(options.file, { timeout: options.busyTimeoutMs });
// FULL: a commit is on the disk, not only with the operating system, before it is acknowledged.
database.exec('PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;');
const statements = new Map<string, StatementSync>();

port.on('message', (request: WriterRequest) => {
  if (request === 'close') {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
    port.close();
    return;
  }
  port.postMessage(write(request));
});

function requirePort(): NonNullable<typeof parentPort> {
  if (!parentPort) {
    throw new Error('This file runs as a worker thread only.');
  }
  return parentPort;
}

function write(steps: readonly WriteStep[] | 'compact'): WriterReply {
  try {
    if (steps === 'compact') {
      database.exec(`PRAGMA incremental_vacuum(${COMPACTED_PAGES.toString()})`);
    } else if (steps.length > 0) {
      prepared('BEGIN IMMEDIATE').run();
      steps.forEach(runStep);
      prepared('COMMIT').run();
    }
    return null;
  } catch (error) {
    return rollBack(toFailure(error));
  }
}

function runStep(step: WriteStep): void {
  const statement = prepared(step.sql);
  for (let start = 0; start < step.values.length; start += step.width) {
    statement.run(...step.values.slice(start, start + step.width));
  }
}

function prepared(sql: string): StatementSync {
  let statement = statements.get(sql);
  if (!statement) {
    statement = database.prepare(sql);
    statements.set(sql, statement);
  }
  return statement;
}

/** SQLite has ended the transaction itself after some errors. One that can't be ended ends the thread, by throwing. */
function rollBack(failure: WriterFailure): WriterFailure {
  if (database.isTransaction) {
    database.exec('ROLLBACK');
  }
  return failure;
}

function toFailure(error: unknown): WriterFailure {
  const { message, errcode } = error as Partial<WriterFailure>;
  return { message: message ?? String(error), errcode: errcode ?? 0 };
}
