import { type ByteRange } from '../../core/attachments/attachment-files.js';
import { type AttachmentRecord } from '../../core/attachments/attachment.js';

/**
 * Headers under which a file of unknown origin can be served from the API's own origin: it is saved, never shown, and
 * if a browser shows it all the same, it can run nothing.
 */
export function toContentHeaders({ filename, contentType, sha256 }: AttachmentRecord): Record<string, string> {
  return {
    'Content-Type': contentType.startsWith('text/') ? `${contentType}; charset=utf-8` : contentType,
    'Content-Disposition': toDisposition(filename),
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Accept-Ranges': 'bytes',
    ETag: `"${sha256}"`,
  };
}

/** RFC 6266: the name in ASCII for old readers, and the whole name as RFC 8187 encodes it. */
function toDisposition(filename: string): string {
  const plain = filename.replaceAll(/[^ -~]|["\\%]/gu, '_');
  const encoded = encodeURIComponent(filename).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

/**
 * The one range that a request asks for (RFC 9110, section 14). `undefined`, which means the whole, for anything else:
 * none, several, malformed, out of bounds, or for another version than this one (`If-Range`).
 */
export function findRange(
  headers: { range?: string | undefined; 'if-range'?: string | string[] | undefined },
  { sizeBytes, sha256 }: AttachmentRecord,
): ByteRange | undefined {
  const ifRange = headers['if-range'];
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range ?? '');
  if (!match || (ifRange !== undefined && ifRange !== `"${sha256}"`)) {
    return undefined;
  }
  const [, from = '', to = ''] = match;
  const range = from === '' ? toSuffix(to, sizeBytes) : toBounds(from, to, sizeBytes);
  return range.first <= range.last && range.first < sizeBytes ? range : undefined;
}

/** `bytes=-N`: the last N. Without a number it is malformed, and comes out as an empty range. */
function toSuffix(count: string, sizeBytes: number): ByteRange {
  return { first: Math.max(0, sizeBytes - Number(count)), last: sizeBytes - 1 };
}

function toBounds(from: string, to: string, sizeBytes: number): ByteRange {
  return { first: Number(from), last: to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1) };
}
