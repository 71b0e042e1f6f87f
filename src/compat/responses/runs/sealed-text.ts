import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type RecordCollection, type Records } from '../../../core/records/records.js';

const PREFIX = 'cws1.';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Secret {
  id: string;
  key: string;
  createdAt: string;
}

/** Texts that callers keep for the server without being able to read or change them (AES-256-GCM). */
export class SealedTexts {
  readonly #secrets: RecordCollection<Secret>;
  #key: Promise<Buffer> | undefined;

  constructor(records: Records) {
    this.#secrets = records.collection('response-secrets', ({ id, createdAt }) => ({ id, group: null, createdAt }));
  }

  async seal(text: string): Promise<string> {
    this.#key ??= this.#findKey();
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', await this.#key, nonce);
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return PREFIX + sealed.toString('base64url');
  }

  /** `undefined` for what this server has not sealed. */
  open(sealed: string): string | undefined {
    const secret = this.#secrets.find('seal');
    if (!sealed.startsWith(PREFIX) || !secret) {
      return undefined;
    }
    const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
    try {
      const decipher = createDecipheriv(
        'aes-256-gcm',
        Buffer.from(secret.key, 'base64'),
        bytes.subarray(0, NONCE_BYTES),
      );
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  async #findKey(): Promise<Buffer> {
    const known = this.#secrets.find('seal');
    if (known) {
      return Buffer.from(known.key, 'base64');
    }
    const key = randomBytes(32);
    await this.#secrets.put({ id: 'seal', key: key.toString('base64'), createdAt: new Date().toISOString() });
    return key;
  }
}
