import { EventStream } from './event-stream.js';
import { LINE_CHARS, paint, print, shortenIds, wrap } from './terminal.js';

export type Json = Record<string, unknown>;

const TIMEOUT_MS = 20_000;
const INDENT = '     ';

interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** `null` for an answer that has no end. */
  timeoutMs?: number | null;
}

/** A client of the native API that prints what it sends and what it is answered. */
export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** `summary` turns the answer into a few words. Throws with the server's own words unless the status is a 2xx. */
  async post<T extends Json>(path: string, body: Json, summary: (answer: T) => string): Promise<T> {
    printRequest('POST', path);
    printBody(body);
    const response = await this.#fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return readAnswer(response, summary);
  }

  async get<T extends Json>(path: string, summary: (answer: T) => string): Promise<T> {
    printRequest('GET', path);
    return readAnswer(await this.#fetch(path, {}), summary);
  }

  /** Subscribes to the events after `lastEventId`. */
  async subscribe(path: string, lastEventId: number): Promise<EventStream> {
    printRequest('GET', path, `Last-Event-ID: ${String(lastEventId)}`);
    const response = await this.#openStream(path, lastEventId);
    printAnswer(response.status, response.headers.get('content-type') ?? '');
    return EventStream.of(response);
  }

  /** The same, for a subscriber that is not to be seen. */
  async subscribeQuietly(path: string, lastEventId: number): Promise<EventStream> {
    return EventStream.of(await this.#openStream(path, lastEventId));
  }

  async #openStream(path: string, lastEventId: number): Promise<Response> {
    const headers = { Accept: 'text/event-stream', 'Last-Event-ID': String(lastEventId) };
    const response = await this.#fetch(path, { headers, timeoutMs: null });
    if (!response.ok) {
      throw new Error(await toFault(response));
    }
    return response;
  }

  #fetch(path: string, { method = 'GET', headers, body, timeoutMs = TIMEOUT_MS }: Call): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: { ...headers, Authorization: `Bearer ${this.token}` },
      body: body ?? null,
      signal: timeoutMs === null ? null : AbortSignal.timeout(timeoutMs),
    });
  }
}

async function readAnswer<T extends Json>(response: Response, summary: (answer: T) => string): Promise<T> {
  if (!response.ok) {
    throw new Error(await toFault(response));
  }
  const answer = (await response.json()) as T;
  printAnswer(response.status, summary(answer));
  return answer;
}

async function toFault(response: Response): Promise<string> {
  return `The server answered ${String(response.status)}: ${await response.text()}`;
}

function printRequest(method: string, path: string, header = ''): void {
  print(`   ${paint(['cyan', 'bold'], `→ ${method}`)} ${paint('cyan', shortenIds(path))}  ${header}`.trimEnd());
}

function printAnswer(status: number, text: string): void {
  print(`   ${paint(['cyan', 'bold'], `← ${String(status)}`)}  ${shortenIds(text)}`);
}

/** A line for each property; a text to the agent as it is, line by line. */
function printBody(body: Json): void {
  const labelChars = Math.max(...Object.keys(body).map((key) => key.length)) + 2;
  for (const [key, value] of Object.entries(body)) {
    const widthChars = LINE_CHARS - INDENT.length - labelChars;
    const lines = toTexts(value).flatMap((text) => wrap(text, widthChars));
    for (const [index, line] of lines.entries()) {
      print(INDENT + paint('dim', (index === 0 ? key : '').padEnd(labelChars)) + line);
    }
  }
}

function toTexts(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.flatMap(({ text }: { text: string }) => text.split('\n'));
  }
  return [shortenIds(JSON.stringify(value))];
}
