import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AttachmentSweep } from '../../../../src/core/attachments/attachment-sweep.js';
import { type AttachmentRecord } from '../../../../src/core/attachments/attachment.js';
import { Attachments } from '../../../../src/core/attachments/attachments.js';
import { toSafeFilename } from '../../../../src/core/attachments/safe-filename.js';
import { toFileError } from '../../../../src/storage/embedded/file-error.js';
import { EmbeddedStorage } from '../../../../src/storage/embedded/embedded-storage.js';

const DAY_MS = 86_400_000;

describe('Attachments', () => {
  let root: string;
  let storage: EmbeddedStorage;
  let uploads: Attachments;
  let nowMs: number;
  const lines: string[] = [];
  const log = {
    write: (_level: string, message: string): void => {
      lines.push(message);
    },
  };

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'codex-web-attachments-'));
    storage = await EmbeddedStorage.open({ dataDir: root });
    nowMs = Date.parse('2026-01-01T00:00:00Z');
    uploads = new Attachments({ ...ports(), log }, { maxAttachmentBytes: 10, nowMs: () => nowMs });
  });

  afterEach(async () => {
    await storage.close();
    rmSync(root, { recursive: true });
  });

  const ports = (): Pick<EmbeddedStorage, 'attachments' | 'attachmentFiles'> => storage;
  const files = (): string[] => readdirSync(join(root, 'attachments')).sort();
  const add = async (text: string): Promise<AttachmentRecord> =>
    uploads.keep(await uploads.stage(Readable.from([Buffer.from(text)])), 'caller', 'a.txt');
  const sweep = (): AttachmentSweep =>
    new AttachmentSweep(
      { attachments: storage.attachments, attachmentFiles: storage.attachmentFiles, uploads, log },
      { attachmentRetentionMs: 30 * DAY_MS, nowMs: () => nowMs },
    );

  it('are deleted when their time is over, the others not', async () => {
    const old = await Promise.all(Array.from({ length: 101 }, (_, index) => add(String(index))));
    nowMs += 20 * DAY_MS;
    const young = await add('young');
    nowMs += 10 * DAY_MS;
    expect(await sweep().sweep()).toBe(0);
    nowMs += 1;
    expect(await sweep().sweep()).toBe(101);
    expect(files()).toEqual([young.attachmentId]);
    expect(storage.attachments.find(old[0]?.attachmentId ?? '')).toBeUndefined();
    expect(storage.attachments.find(young.attachmentId)).toEqual(young);
  });

  it('leave nothing when they are too large, empty, or their stream fails', async () => {
    await add('fits: 10 b');
    const before = files();
    await expect(add('too large 11')).rejects.toMatchObject({ code: 'payload_too_large' });
    await expect(add('')).rejects.toMatchObject({ code: 'invalid_request' });
    const failing = new Readable({
      read() {
        this.destroy(new Error('gone'));
      },
    });
    await expect(uploads.stage(failing)).rejects.toThrow('gone');
    expect(files()).toEqual(before);
  });

  it('belong to the first thread that used them', async () => {
    const record = await add('x');
    const input = [{ type: 'attachment', attachment_id: record.attachmentId }];
    await uploads.claim('caller', input, 'first');
    await uploads.claim('caller', input, 'second');
    await expect(uploads.claim('other', input, 'first')).rejects.toMatchObject({ code: 'not_found' });
    expect(storage.attachments.find(record.attachmentId)).toEqual({ ...record, threadId: 'first' });
    await uploads.threadDeleted('second');
    expect(readFileSync(join(root, 'attachments', record.attachmentId), 'utf8')).toBe('x');
    await uploads.threadDeleted('first');
    expect(files()).toEqual([]);
    expect(lines).toEqual([]);
  });
});

describe('toSafeFilename', () => {
  it.each([
    ['a/b\\c.txt', 'c.txt'],
    ['', 'file'],
    ['...', 'file'],
    ['dir/', 'file'],
    [' .bashrc ', '.bashrc'],
    ['a\0b\r\nc\u2028d', 'abcd'],
    ['e\u0301', 'é'],
    ['\ud800x', '\ufffdx'],
    ['x'.repeat(250), 'x'.repeat(200)],
    [`${'x'.repeat(199)}👋`, 'x'.repeat(199)],
  ])('makes %j %j', (sent, safe) => {
    expect(toSafeFilename(sent)).toBe(safe);
  });
});

describe('toFileError', () => {
  it('tells the caller that the disk is full, and nothing of the host', () => {
    const path = '/srv/data/attachments/x';
    const full = Object.assign(new Error(`ENOSPC: no space left, write '${path}'`), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    expect(toFileError(full)).toMatchObject({
      code: 'storage_unavailable',
      message: "The server's storage can't be used at the moment: the disk is full.",
      retryAfterSeconds: 5,
    });
    const other = new Error('aborted');
    expect(toFileError(other)).toBe(other);
  });
});
