import createFetchClient from 'openapi-fetch';
import { type Api, type CallOptions, type Schemas, unwrap } from './api.js';
import { Approvals } from './approvals.js';
import { type CodexEvent, follow } from './events.js';
import { type paths } from './generated/schema.js';
import { Rules } from './rules.js';
import { type EventOptions, Threads } from './threads.js';
import { createTransport } from './transport.js';

export interface CodexClientOptions {
  /** Where the server is: `http://localhost:3000`. */
  baseURL: string;
  /** The server's bearer token. Without one the constructor throws a `TypeError`. */
  authToken: string | undefined;
  /** How often a request that failed for a passing reason (no connection, 429, 502, 503) is sent again; 2 by default. */
  maxRetries?: number;
  /** In place of the platform's own. */
  fetch?: typeof globalThis.fetch;
}

/** Speaks to one codex-web-server, from Node or a browser. */
export class CodexClient {
  readonly threads: Threads;
  readonly approvals: Approvals;
  readonly rules: Rules;
  /** Every endpoint by its path, typed, with the same token, retries and errors. */
  readonly api: Api;
  readonly #baseURL: string;

  constructor({ baseURL, authToken, maxRetries = 2, fetch = globalThis.fetch.bind(globalThis) }: CodexClientOptions) {
    if (!authToken) {
      throw new TypeError('authToken is empty');
    }
    this.#baseURL = baseURL.replace(/\/$/, '');
    const transport = createTransport({ authToken, maxRetries, fetch });
    this.api = createFetchClient<paths>({ baseUrl: this.#baseURL, fetch: transport });
    this.approvals = new Approvals(this.api);
    this.rules = new Rules(this.api);
    this.threads = new Threads(this.api, this.approvals);
  }

  /** The events of all threads, as `threads.events` has those of one; `seq` stays the thread's own. */
  events({ types, ...options }: EventOptions = {}): AsyncGenerator<CodexEvent, void, undefined> {
    const filter = types ? { types: types.join(',') } : {};
    return follow(async (after, signal) => {
      const query = after === undefined ? filter : { ...filter, after };
      const { response } = await this.api.GET('/api/v2/events', { params: { query }, parseAs: 'stream', signal });
      return response;
    }, options);
  }

  /** What the agent can think with. */
  models(options: CallOptions = {}): Promise<Schemas['ModelPage']> {
    return unwrap(this.api.GET('/api/v2/models', { ...options }));
  }

  /**
   * An address for a browser's own `EventSource`, which can't send a token: of one thread's events, or without an id of all.
   * To be opened within 30 seconds.
   */
  async eventSourceURL(threadId?: string, options: CallOptions = {}): Promise<string> {
    const body = threadId === undefined ? {} : { thread_id: threadId };
    const { ticket } = await unwrap(this.api.POST('/api/v2/stream-tickets', { body, ...options }));
    const path = threadId === undefined ? '/api/v2/events' : `/api/v2/threads/${encodeURIComponent(threadId)}/events`;
    return `${this.#baseURL}${path}?ticket=${encodeURIComponent(ticket)}`;
  }

  /** Uploads a file; the answer's `attachment_id` goes into an input. */
  async upload(file: Blob, filename: string, options: CallOptions = {}): Promise<Schemas['Attachment']> {
    const body = new FormData();
    body.append('file', file, filename);
    // The document describes the form's fields; what is sent is the form itself.
    const call = { body: body as never, bodySerializer: (form: unknown) => form as BodyInit, ...options };
    return unwrap(this.api.POST('/api/v2/attachments', call));
  }
}
