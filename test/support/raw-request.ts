import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';

export interface RawRequest {
  method?: string;
  /** Sent as it is, so that what no client library lets through can be tried. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** `{}` unless it is JSON. */
  body: Record<string, unknown>;
}

/** One request on a connection of its own, with no header but those given (and `Host` and the body's length). */
export async function send(base: string, { method = 'GET', path, headers = {}, body }: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(base);
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const isChunked = headers['transfer-encoding'] !== undefined;
  const outgoing = request({
    hostname,
    port,
    method,
    path,
    agent: false,
    headers: { ...(isChunked ? {} : length), ...headers },
  });
  const answered = new Promise<RawAnswer>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      once(response, 'end').then(() => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: toBody(text) });
      }, reject);
    });
  });
  outgoing.end(body);
  return answered;
}

function toBody(text: string): Record<string, unknown> {
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
}

const STACK = /\bat \S+ \(|node_modules|\.js:\d+|file:\/\//;

/** Checks the whole form of a problem (V2), and that it tells nothing of the host; gives back which one it is. */
export function problemOf({ status, headers, body, text }: RawAnswer): { status: number; code: unknown } {
  const { code, title, detail, errors } = body;
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(body).toEqual({
    type: `urn:codex-web:problem:${String(code)}`,
    title: expect.stringMatching(/\w/) as string,
    status,
    detail: expect.stringMatching(/\w.*\.$/) as string,
    instance: expect.stringMatching(/^\/[^?]*$/) as string,
    code,
    request_id: headers['x-request-id'],
    error: { code, message: detail },
    ...(errors !== undefined && { errors }),
  });
  expect(title).not.toBe(detail);
  expect(text).not.toMatch(STACK);
  expect(headers).not.toHaveProperty('x-powered-by');
  expect(headers).not.toHaveProperty('etag');
  return { status, code };
}
