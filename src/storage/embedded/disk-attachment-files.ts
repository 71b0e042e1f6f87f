import { createHash } from 'node:crypto';
import { mkdir, open, opendir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AttachmentFiles, type ByteRange, type StagedFile } from '../../core/attachments/attachment-files.js';
import { ServiceError } from '../../core/errors.js';
import { readContentType } from './file-content-type.js';
import { isMissing, toFileError } from './file-error.js';

const STAGED = '.part';

/** Attachments as files of one directory (0700), each named by its id alone and readable by its owner alone (0600). */
export class DiskAttachmentFiles extends AttachmentFiles {
  /** The directory is made when it is needed. */
  constructor(private readonly directory: string) {
    super();
  }

  override async stage(attachmentId: string, source: Readable, maxBytes: number): Promise<StagedFile> {
    const path = this.#stagedPath(attachmentId);
    const meter = new Meter(maxBytes);
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      const file = await open(path, 'wx', 0o600);
      await pipeline(source, meter, file.createWriteStream({ flush: true }));
      const contentType = await readContentType(path);
      return { attachmentId, sizeBytes: meter.sizeBytes, sha256: meter.sha256(), contentType };
    } catch (error) {
      await rm(path, { force: true }).catch(() => undefined);
      throw toFileError(error);
    }
  }

  override keep(attachmentId: string): Promise<void> {
    return guarded(async () => {
      await rename(this.#stagedPath(attachmentId), this.pathOf(attachmentId));
      const directory = await open(this.directory, 'r');
      try {
        await directory.sync();
      } finally {
        await directory.close();
      }
    });
  }

  override discard(attachmentId: string): Promise<void> {
    return guarded(() => rm(this.#stagedPath(attachmentId), { force: true }));
  }

  override read(attachmentId: string, range?: ByteRange): Promise<Readable | undefined> {
    return guarded(async () => {
      try {
        const file = await open(this.pathOf(attachmentId), 'r');
        return file.createReadStream(range && { start: range.first, end: range.last });
      } catch (error) {
        if (isMissing(error)) {
          return undefined;
        }
        throw error;
      }
    });
  }

  override pathOf(attachmentId: string): string {
    return join(this.directory, attachmentId);
  }

  override remove(attachmentIds: readonly string[]): Promise<void> {
    return guarded(async () => {
      for (const attachmentId of attachmentIds) {
        await rm(this.pathOf(attachmentId), { force: true });
      }
    });
  }

  override removeLeftovers(isKnown: (attachmentId: string) => boolean): Promise<number> {
    return guarded(async () => {
      let count = 0;
      for await (const name of this.#fileNames()) {
        if (name.endsWith(STAGED) || !isKnown(name)) {
          await rm(join(this.directory, name), { force: true });
          count += 1;
        }
      }
      return count;
    });
  }

  #stagedPath(attachmentId: string): string {
    return `${this.pathOf(attachmentId)}${STAGED}`;
  }

  async *#fileNames(): AsyncGenerator<string, void> {
    try {
      for await (const entry of await opendir(this.directory)) {
        if (entry.isFile()) {
          yield entry.name;
        }
      }
    } catch (error) {
      if (!isMissing(error)) {
        throw error;
      }
    }
  }
}

/** Measures what passes, and lets no more than `maxBytes` pass. */
class Meter extends Transform {
  sizeBytes = 0;
  readonly #hash = createHash('sha256');

  constructor(private readonly maxBytes: number) {
    super();
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error: Error | null, chunk?: Buffer) => void): void {
    this.sizeBytes += chunk.length;
    if (this.sizeBytes > this.maxBytes) {
      done(new ServiceError('payload_too_large', `The file is larger than ${String(this.maxBytes)} bytes.`));
      return;
    }
    this.#hash.update(chunk);
    done(null, chunk);
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFileError(error);
  }
}
