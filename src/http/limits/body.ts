import { type Request } from 'express';
import { ServiceError } from '../../core/errors.js';
import { BodyBytes } from './body-bytes.js';
import { type BufferShare } from './buffer-budget.js';
import { parseJson } from './parse-json.js';

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]+)/i;
/** What is still taken in after a body was found too large, so that its sender gets to read the answer. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Whether a request announces content (RFC 9112, section 6). */
export function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Whether the body is one of a route that reads it itself; throws `unsupported_media_type` if that can't. */
export function isOwnBody(req: Request, bodyTypes: readonly string[] | undefined): boolean {
  if (!bodyTypes) {
    return false;
  }
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!bodyTypes.includes(type)) {
    throw new ServiceError('unsupported_media_type', `Send the body as ${bodyTypes.join(' or ')}.`);
  }
  return true;
}

export interface BodyLimits {
  readonly maxBytes: number;
  /** How long the body may take to arrive. */
  readonly timeoutMs: number;
  /** Holds what has arrived; given back when the body is refused. */
  readonly share: BufferShare;
}

/**
 * Reads a JSON object; an empty body is `{}`. Throws `unsupported_media_type`, `payload_too_large`, `request_timeout`,
 * `invalid_request`, `rate_limited`.
 */
export async function readJsonBody(req: Request, limits: BodyLimits): Promise<Record<string, unknown>> {
  checkType(req);
  const length = Number(req.headers['content-length'] ?? 0);
  if (length > limits.maxBytes) {
    throw toTooLarge(limits);
  }
  limits.share.requireRoom(length);
  const bytes = await readBytes(req, limits);
  const body = bytes.length === 0 ? {} : parse(bytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ServiceError('invalid_request', 'The body must be a JSON object.');
  }
  if (Object.hasOwn(body, 'access_token')) {
    throw new ServiceError('invalid_request', 'A token in the body is refused; send it in the Authorization header.');
  }
  return body as Record<string, unknown>;
}

function checkType({ headers }: Request): void {
  const type = headers['content-type'] ?? '';
  if (!JSON_TYPE.test(type)) {
    throw new ServiceError('unsupported_media_type', 'Send the body as application/json.');
  }
  const charset = CHARSET.exec(type)?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw new ServiceError('unsupported_media_type', 'Send the body in UTF-8.');
  }
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    throw new ServiceError('unsupported_media_type', 'Send the body without a Content-Encoding.');
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return parseJson(UTF8.decode(bytes));
  } catch (cause) {
    if (cause instanceof ServiceError) {
      throw cause;
    }
    throw new ServiceError('invalid_request', `The body is not well-formed JSON in UTF-8${toPlace(cause)}.`, { cause });
  }
}

/** Where reading stopped. V8 quotes what stands there, which is not for answers. */
function toPlace(cause: unknown): string {
  const said = cause instanceof SyntaxError ? cause.message : '';
  const position = /at position (\d+)/.exec(said)?.[1];
  if (position !== undefined) {
    return `: what is wrong is at character ${String(Number(position) + 1)}`;
  }
  return said.startsWith('Unexpected end') ? ': it ends too early' : '';
}

function toTooLarge({ maxBytes }: BodyLimits): ServiceError {
  return new ServiceError('payload_too_large', `The body is larger than ${String(maxBytes)} bytes.`);
}

function readBytes(req: Request, limits: BodyLimits): Promise<Buffer> {
  const { maxBytes, timeoutMs, share } = limits;
  return new Promise((resolve, reject) => {
    const received = new BodyBytes();
    let size = 0;
    let isRefused = false;
    const refuse = (error: unknown): void => {
      isRefused = true;
      received.clear();
      share.close();
      reject(ServiceError.from(error));
    };
    const timer = setTimeout(() => {
      refuse(new ServiceError('request_timeout', `The body took longer than ${String(timeoutMs / 1000)} s to arrive.`));
    }, timeoutMs);
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (!isRefused) {
        try {
          hold(chunk, size);
        } catch (error) {
          refuse(error);
        }
      }
      if (size > maxBytes + MAX_DISCARDED_BYTES) {
        req.destroy();
      }
    });
    const hold = (chunk: Buffer, sizeNow: number): void => {
      if (sizeNow > maxBytes) {
        throw toTooLarge(limits);
      }
      share.add(chunk.length);
      received.add(chunk);
    };
    req.once('end', () => {
      clearTimeout(timer);
      resolve(received.take());
    });
    req.once('close', () => {
      clearTimeout(timer);
      // It closes after a whole body too, and making an error costs as much as reading a short one.
      if (!req.readableEnded) {
        reject(new ServiceError('invalid_request', 'The connection was closed before the body was complete.'));
      }
    });
    req.once('error', reject);
  });
}
