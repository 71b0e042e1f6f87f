import { type Log } from '../log.js';
import { type AttachmentFiles } from './attachment-files.js';
import { type AttachmentIndex } from './attachment-index.js';
import { type Attachments } from './attachments.js';

const SWEEP_INTERVAL_MS = 3_600_000;
const BATCH = 100;
/** What is left then waits for the next sweep, so that one never holds the server up for long. */
const MAX_BATCHES = 100;

export interface AttachmentSweepPorts {
  attachments: AttachmentIndex;
  attachmentFiles: AttachmentFiles;
  uploads: Attachments;
  log: Log;
}

export interface AttachmentSweepOptions {
  /** How long an attachment is kept. */
  attachmentRetentionMs: number;
  nowMs: () => number;
}

/** Deletes attachments whose time is over, and files that belong to none. */
export class AttachmentSweep {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ports: AttachmentSweepPorts,
    private readonly options: AttachmentSweepOptions,
  ) {}

  /** To be called before the first upload is taken. */
  async start(): Promise<void> {
    await this.#report(this.#removeLeftovers());
    await this.#report(this.sweep());
    this.#timer = setInterval(() => {
      void this.#report(this.sweep());
    }, SWEEP_INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Deletes what is older than the retention time; resolves with how many that were. */
  async sweep(): Promise<number> {
    const before = new Date(this.options.nowMs() - this.options.attachmentRetentionMs).toISOString();
    let count = 0;
    for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
      const records = this.ports.attachments.createdBefore(before, BATCH);
      if (records.length === 0) {
        break;
      }
      await this.ports.uploads.remove(records);
      count += records.length;
    }
    return count;
  }

  async #removeLeftovers(): Promise<void> {
    const { attachments, attachmentFiles, log } = this.ports;
    const count = await attachmentFiles.removeLeftovers((id) => attachments.find(id) !== undefined);
    if (count > 0) {
      log.write('info', 'Removed files of uploads that were never completed.', { count });
    }
  }

  /** It is tried again at the next sweep or start, and nobody waits for it. */
  async #report(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.ports.log.write('warn', 'Attachments could not be deleted.', { err: error });
    }
  }
}
