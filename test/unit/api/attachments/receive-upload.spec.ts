import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type Response } from 'express';
import supertest from 'supertest';
import { receiveUpload } from '../../../../src/api/attachments/receive-upload.js';
import { Attachments } from '../../../../src/core/attachments/attachments.js';
import { ServiceError } from '../../../../src/core/errors.js';
import { toFileError } from '../../../../src/storage/embedded/file-error.js';

/** Takes the first bytes and then finds the disk full. */
class FullDisk extends Attachments {
  override async stage(source: Readable): Promise<never> {
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
    const disk = new Writable({
      write: (_chunk, _encoding, done) => {
        done(full);
      },
    });
    try {
      await pipeline(source, disk);
    } catch (error) {
      throw toFileError(error);
    }
    throw new Error('The disk took it.');
  }
}

describe('receiveUpload', () => {
  let server: Server;

  beforeAll(async () => {
    const options = { maxAttachmentBytes: 10_000_000, nowMs: () => 0 };
    const attachments = new FullDisk({} as ConstructorParameters<typeof Attachments>[0], options);
    const answer = async (req: Request, res: Response): Promise<void> => {
      const error: unknown = await receiveUpload(req, res, attachments).catch((reason: unknown) => reason);
      const code = error instanceof ServiceError ? error.code : String(error);
      res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ code }));
    };
    server = createServer((req, res) => {
      void answer(req as Request, res as Response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(() => {
    server.close();
  });

  it('says that the disk is full, not that the form is broken', async () => {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${String(port)}`;
    const answer = await supertest(url).post('/').attach('file', Buffer.alloc(5_000_000), 'a');
    expect(answer.body).toEqual({ code: 'storage_unavailable' });
  });
});
