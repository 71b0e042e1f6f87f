import { TOKEN } from '../support/server.ts';
import { EventStream } from '../support/event-stream.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Frame {
  id: string | undefined;
  event: string;
  data: Json;
}

/** The server's API as the soak uses it. */
export class Service {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async get(path: string): Promise<string> {
    return this.#send('GET', path, undefined);
  }

  async post(path: string, body: object = {}): Promise<Json> {
    return JSON.parse(await this.#send('POST', path, body)) as Json;
  }

  async delete(path: string): Promise<void> {
    await this.#send('DELETE', path, undefined);
  }

  async stream(threadId: string, after: string | undefined, onFrame: (frame: Frame) => void): Promise<EventStream> {
    const query = after === undefined ? '' : `?after=${after}`;
    return EventStream.open(`${this.#url}/api/v2/threads/${threadId}/events${query}`, TOKEN, (text) => {
      const frame = toFrame(text);
      if (frame) {
        onFrame(frame);
      }
    });
  }

  async #send(method: string, path: string, body: object | undefined): Promise<string> {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(this.#url + path, init);
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path} answers ${String(response.status)}: ${text.slice(0, 300)}`);
    }
    return text;
  }
}

function toFrame(text: string): Frame | undefined {
  const [, event] = /^event: (.*)$/m.exec(text) ?? [];
  const [, data] = /^data: (.*)$/m.exec(text) ?? [];
  const [, id] = /^id: (.*)$/m.exec(text) ?? [];
  return event === undefined || data === undefined ? undefined : { id, event, data: JSON.parse(data) as Json };
}
