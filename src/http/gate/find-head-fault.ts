import { type IncomingMessage } from 'node:http';

/** What says who is meant, who asks, and what the body is: of two, a proxy may read one and this server the other. */
const SINGLE = new Set(['host', 'authorization', 'content-type', 'content-length', 'content-encoding']);

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i;

type Head = Pick<IncomingMessage, 'rawHeaders' | 'headers' | 'url' | 'httpVersion'>;

/**
 * What makes the head of a request mean one thing to this server and another to a proxy before it, as a sentence;
 * `undefined` for a sound one. Node's parser has refused by then what RFC 9112 forbids of framing: two lengths, a length
 * beside `Transfer-Encoding`, line folding, a space before a colon.
 */
export function findHeadFault({ rawHeaders, headers, url = '', httpVersion }: Head): string | undefined {
  const twice = findRepeated(rawHeaders);
  if (twice !== undefined) {
    return `The header ${twice} must be sent once only.`;
  }
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (httpVersion === '1.0' || coding.toLowerCase() !== 'chunked')) {
    return 'The only Transfer-Encoding is chunked, over HTTP/1.1.';
  }
  return url.startsWith('/') || isOfHost(url, headers.host) ? undefined : 'The request target must name the Host.';
}

/** Names and values take turns. */
function findRepeated(rawHeaders: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (seen.has(name)) {
      return name;
    }
    if (SINGLE.has(name)) {
      seen.add(name);
    }
  }
  return undefined;
}

/** `*`, or an absolute form (RFC 9112, section 3.2.2) that names the host of the header. */
function isOfHost(url: string, host = ''): boolean {
  return url === '*' || ABSOLUTE_FORM.exec(url)?.[1]?.toLowerCase() === host.toLowerCase();
}

/** The target of a sound request as a client without a proxy would send it: `/path?query`, or `*`. */
export function toOriginForm(url: string): string {
  const rest = ABSOLUTE_FORM.exec(url)?.[2];
  return rest === undefined ? url : rest.startsWith('/') ? rest : `/${rest}`;
}
