import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { toStorageError } from './sqlite-error.js';
import type { WriterFailure, WriterOptions, WriterReply, WriterRequest, WriteStep } from './writer.worker.js';

/** Starts the thread's file beside this one: `.js` in a build, `.ts` where the source itself runs. */
export function startWriterWorker(options: WriterOptions): Worker {
  const file = new URL(`./writer.worker${extname(import.meta.url)}`, import.meta.url);
  return new Worker(file, { workerData: options, name: 'storage-writer' });
}

/** The main thread's end of the writer: hands over one transaction at a time, and starts a new thread if one dies. */
export class WriterThread {
  #worker: Worker | undefined;
  #pending: PromiseWithResolvers<void> | undefined;

  constructor(
    private readonly options: WriterOptions,
    private readonly startWorker: (options: WriterOptions) => Worker = startWriterWorker,
  ) {}

  /**
   * Runs the steps in one transaction; none of them only proves that the thread runs. `compact` gives some of the
   * database's free pages back to the disk. The caller waits for one call before the next. Rejects with `storage_unavailable` or `internal`, after a rollback; after the death of the thread
   * the transaction may be stored or not.
   */
  run(steps: readonly WriteStep[] | 'compact'): Promise<void> {
    if (this.#pending) {
      return Promise.reject(new Error('The writer runs one transaction at a time.'));
    }
    const pending: PromiseWithResolvers<void> = Promise.withResolvers();
    this.#pending = pending;
    this.#post(steps);
    return pending.promise;
  }

  /** Writes the log back into the database file and ends the thread. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) {
      return;
    }
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    this.#post('close');
    await exited;
  }

  #post(request: WriterRequest): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request);
  }

  #start(): Worker {
    const worker = this.startWorker(this.options);
    worker.on('message', (reply: WriterReply) => {
      this.#settle(reply && toError(reply));
    });
    worker.on('error', (error) => {
      this.#lose(worker, error);
    });
    worker.on('exit', () => {
      this.#lose(worker, new Error('the writer thread ended'));
    });
    return worker;
  }

  /** `exit` follows `error`; by then another thread may have been started, whose transaction is none of its business. */
  #lose(worker: Worker, error: unknown): void {
    if (this.#worker === worker) {
      this.#worker = undefined;
      this.#settle(error);
    }
  }

  #settle(error: unknown): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (error === null) {
      pending?.resolve();
    } else {
      pending?.reject(toStorageError(error));
    }
  }
}

function toError(failure: WriterFailure): Error {
  return Object.assign(new Error(failure.message), { errcode: failure.errcode });
}
