import { type IncomingHttpHeaders, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Body, Ledger } from './ledger.ts';
import { TOKEN, type World } from './world.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface Call {
  method: 'GET' | 'POST';
  path: string;
  body?: Body;
  key?: string;
  /** Told at each attempt, right after the request went out. */
  onSent?: () => void;
}

/** "Not now": the engine or the store is away, or the same request is still being worked on. */
const PASSING = new Set([429, 503]);
const RETRY_DELAY_MS = 20;
const GIVE_UP_MS = 30_000;

/** A client that sends a request until it has an answer, as one does that has a key for it. */
export class Client {
  readonly #world: World;
  readonly #ledger: Ledger;

  constructor(world: World, ledger: Ledger) {
    this.#world = world;
    this.#ledger = ledger;
  }

  /** Resolves with the first answer that isn't "not now". Rejects when there is none within half a minute. */
  async call(call: Call): Promise<Answer> {
    const deadlineMs = performance.now() + GIVE_UP_MS;
    for (;;) {
      const answer = await this.#attempt(call);
      if (answer && !isPassing(answer)) {
        return answer;
      }
      if (performance.now() > deadlineMs) {
        const last = answer ? `the last was ${String(answer.status)} ${answer.text}` : 'none came';
        throw new Error(`No answer to ${call.method} ${call.path} within 30 s; ${last}.`);
      }
      this.#ledger.retries += 1;
      await wait(RETRY_DELAY_MS);
    }
  }

  /** The same for a POST with a key, which is sent again when all is over. */
  async keyed(path: string, key: string, body: Body, onSent?: () => void): Promise<Answer> {
    const answer = await this.call({ method: 'POST', path, key, body, ...(onSent && { onSent }) });
    const { status, headers, text } = answer;
    if (status < 300) {
      this.#ledger.calls.push({ path, key, body, status, location: headers.location, text });
    }
    return answer;
  }

  async json<T>(path: string): Promise<T> {
    const { status, text } = await this.call({ method: 'GET', path });
    if (status !== 200) {
      throw new Error(`GET ${path} is answered ${String(status)}: ${text}`);
    }
    return JSON.parse(text) as T;
  }

  /** Every entry of a list, page by page. */
  async all<T>(path: string): Promise<T[]> {
    const found: T[] = [];
    let cursor: string | null = null;
    do {
      const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { data: T[]; next_cursor: string | null } = await this.json(
        `${path}${path.includes('?') ? '&' : '?'}limit=100${after}`,
      );
      found.push(...page.data);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return found;
  }

  /** `undefined` when the server died before it answered. */
  async #attempt(call: Call): Promise<Answer | undefined> {
    const url = await this.#world.url();
    return send(url, call).catch(() => undefined);
  }
}

function isPassing({ status, headers }: Answer): boolean {
  return PASSING.has(status) || (status === 409 && headers['retry-after'] !== undefined);
}

async function send(url: string, { method, path, body, key, onSent }: Call): Promise<Answer> {
  const payload = body && toPayload(body);
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    ...(payload && { 'content-type': payload.type, 'content-length': String(payload.bytes.length) }),
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const req = request(url + path, { method, headers, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: Buffer.concat(chunks).toString('latin1'),
      });
    });
  });
  req.on('error', reject);
  req.end(payload?.bytes, () => {
    onSent?.();
  });
  return promise;
}

/** A multipart body gets a new boundary each time, as from any real client. */
function toPayload(body: Body): { type: string; bytes: Buffer } {
  if ('json' in body) {
    return { type: 'application/json', bytes: Buffer.from(JSON.stringify(body.json)) };
  }
  const boundary = `----${crypto.randomUUID()}`;
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${body.filename}"\r\n` +
    'Content-Type: application/octet-stream\r\n\r\n';
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([Buffer.from(head), body.file, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
