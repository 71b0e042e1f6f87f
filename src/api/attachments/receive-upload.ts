import { type Request, type Response } from 'express';
import multer, { MulterError, type StorageEngine } from 'multer';
import { type StagedFile } from '../../core/attachments/attachment-files.js';
import { type Attachments } from '../../core/attachments/attachments.js';
import { ServiceError } from '../../core/errors.js';
import { findOperationId } from '../../http/idempotency/keyed-answers.js';

/** For boundaries and headers of the parts. */
const MAX_ENVELOPE_BYTES = 64 * 1024;
/** What is still taken in after a body was found at fault, so that its sender gets to read the answer. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;
const MAX_PART_HEADERS = 20;

export interface Upload {
  staged: StagedFile;
  /** As sent. */
  filename: string;
}

/**
 * Reads a `multipart/form-data` body with one part, a file named `file`, and stages that. Throws `invalid_request`,
 * `payload_too_large`, `storage_unavailable`; nothing is staged then.
 */
export async function receiveUpload(req: Request, res: Response, attachments: Attachments): Promise<Upload> {
  const maxBodyBytes = attachments.maxBytes + MAX_ENVELOPE_BYTES + MAX_DISCARDED_BYTES;
  if (Number(req.headers['content-length'] ?? 0) > maxBodyBytes) {
    throw new ServiceError('payload_too_large', `The file is larger than ${String(attachments.maxBytes)} bytes.`);
  }
  const engine = new StagingEngine(attachments, findOperationId(req));
  try {
    await receive(req, res, { engine, maxBodyBytes });
  } catch (error) {
    throw (await engine.failure()) ?? error;
  }
  if (!engine.upload) {
    throw toInvalid('The body has no file.', 'file', 'must be a file');
  }
  return engine.upload;
}

function receive(req: Request, res: Response, { engine, maxBodyBytes }: Receiver): Promise<void> {
  const read = multer({
    storage: engine,
    limits: { files: 1, fields: 0, headerPairs: MAX_PART_HEADERS },
    preservePath: true,
    defParamCharset: 'utf8',
  }).single('file');
  return new Promise((resolve, reject) => {
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBodyBytes) {
        req.destroy();
      }
    });
    void read(req, res, (error: unknown) => {
      if (error === undefined || error === null) {
        resolve();
      } else {
        reject(toUploadError(error));
      }
    });
  });
}

interface Receiver {
  engine: StagingEngine;
  maxBodyBytes: number;
}

/** Hands the one file of one request to where attachments are kept, and takes it back when the rest is at fault. */
class StagingEngine implements StorageEngine {
  upload: Upload | undefined;
  #staging: Promise<StagedFile> | undefined;

  constructor(
    private readonly attachments: Attachments,
    private readonly attachmentId: string | undefined,
  ) {}

  _handleFile(...[, file, done]: Parameters<StorageEngine['_handleFile']>): void {
    this.#staging = this.attachments.stage(file.stream, this.attachmentId);
    this.#staging.then((staged) => {
      this.upload = { staged, filename: file.originalname };
      done(null, {});
    }, done);
  }

  /** What the staging itself failed with: the parser hears first of the stream that a failed write destroys. */
  async failure(): Promise<ServiceError | undefined> {
    try {
      await this.#staging;
      return undefined;
    } catch (error) {
      return error instanceof ServiceError ? error : undefined;
    }
  }

  _removeFile(...[, , done]: Parameters<StorageEngine['_removeFile']>): void {
    const removed = this.upload ? this.attachments.discard(this.upload.staged) : Promise.resolve();
    removed.then(() => {
      done(null);
    }, done);
  }
}

function toUploadError(error: unknown): ServiceError {
  if (error instanceof ServiceError) {
    return error;
  }
  if (error instanceof MulterError) {
    return toInvalid('Send one part, a file named "file", and nothing else.', error.field ?? 'file', error.message);
  }
  return new ServiceError('invalid_request', 'The body is not well-formed multipart/form-data.', { cause: error });
}

function toInvalid(message: string, path: string, fault: string): ServiceError {
  return new ServiceError('invalid_request', message, { fields: [{ path, message: fault }] });
}
