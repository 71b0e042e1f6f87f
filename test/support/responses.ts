import { once } from 'node:events';
import { type Test } from 'supertest';
import { WebSocket } from 'ws';
import { TOKEN } from './server-process.js';
import { type App, type Json } from './start-app.js';

export type StreamEvent = Json & { type: string; sequence_number: number };

export interface ResponseBody extends Json {
  id: string;
  status: string;
  output: (Json & { type: string; id: string; call_id: string; name: string })[];
}

/** The Responses API of a server under test, as its clients see it. */
export class ResponsesClient {
  constructor(
    private readonly app: App,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  with(headers: Readonly<Record<string, string>>): ResponsesClient {
    return new ResponsesClient(this.app, { ...this.headers, ...headers });
  }

  request(body: object): Test {
    return this.app.post('/v1/responses', body).set(this.headers);
  }

  async create(body: object): Promise<ResponseBody> {
    const answer = await this.request(body).expect(200);
    return answer.body as ResponseBody;
  }

  /** All events of a streamed response; `[DONE]` is checked and left out. */
  async stream(body: object): Promise<StreamEvent[]> {
    return toEvents((await this.request({ ...body, stream: true }).expect(200)).text);
  }

  async retrieve(id: string): Promise<ResponseBody> {
    return (await this.app.get(`/v1/responses/${id}`).expect(200)).body as ResponseBody;
  }

  async replay(id: string, startingAfter?: number): Promise<StreamEvent[]> {
    const after = startingAfter === undefined ? '' : `&starting_after=${String(startingAfter)}`;
    return toEvents((await this.app.get(`/v1/responses/${id}?stream=true${after}`).expect(200)).text);
  }

  /** Where the native API shows what was done. */
  async place(body: object): Promise<{ response: ResponseBody; threadId: string; turnId: string }> {
    const answer = await this.request(body).expect(200);
    const { 'x-codex-thread-id': threadId = '', 'x-codex-turn-id': turnId = '' } = answer.headers as Record<
      string,
      string | undefined
    >;
    return { response: answer.body as ResponseBody, threadId, turnId };
  }

  async until(id: string, status: string): Promise<ResponseBody> {
    await toEventsOf(this.app, id);
    const response = await this.retrieve(id);
    expect(response.status).toBe(status);
    return response;
  }
}

/** Reads a response's stream to its end, which is when the response is over. */
async function toEventsOf(app: App, id: string): Promise<StreamEvent[]> {
  return toEvents((await app.get(`/v1/responses/${id}?stream=true`).expect(200)).text);
}

export function toEvents(text: string): StreamEvent[] {
  const blocks = text.split('\n\n').filter((block) => block !== '' && !block.startsWith(':'));
  expect(blocks.at(-1)).toBe('data: [DONE]');
  return blocks.slice(0, -1).map((block) => {
    const [, name, data = ''] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
    const event = JSON.parse(data) as StreamEvent;
    expect(event.type).toBe(name);
    return event;
  });
}

export function textOf({ output }: Pick<ResponseBody, 'output'>): string {
  return output
    .flatMap(({ content }) => (Array.isArray(content) ? (content as { text?: string }[]) : []))
    .map(({ text }) => text ?? '')
    .join('');
}

export function outputsOf({ output }: ResponseBody, toText = (name: string): string => `${name} says so`): Json[] {
  return output
    .filter(({ type }) => type === 'function_call')
    .map(({ call_id, name }) => ({ type: 'function_call_output', call_id, output: toText(name) }));
}

export const functionTool = (name: string): Json => ({
  type: 'function',
  name,
  description: `Calls ${name}.`,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: true,
});

/** A WebSocket to the Responses API. */
export class ResponseSocketClient {
  readonly #frames: StreamEvent[] = [];
  #wake: () => void = () => undefined;
  #isClosed = false;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      this.#frames.push(JSON.parse(data.toString()) as StreamEvent);
      this.#wake();
    });
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  static async open(app: App, headers: Readonly<Record<string, string>> = {}): Promise<ResponseSocketClient> {
    const url = `${app.url.replace('http', 'ws')}/v1/responses`;
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${TOKEN}`, ...headers } });
    await once(socket, 'open');
    return new ResponseSocketClient(socket);
  }

  /** Status and body of the answer to an upgrade that is refused. */
  static async refusal(app: App, headers: Readonly<Record<string, string>>): Promise<{ status: number; body: Json }> {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/v1/responses`, { headers });
    socket.on('error', () => undefined);
    const [, answer] = (await once(socket, 'unexpected-response')) as [
      unknown,
      AsyncIterable<Buffer> & { statusCode: number },
    ];
    const chunks: Buffer[] = [];
    for await (const chunk of answer) {
      chunks.push(chunk);
    }
    return { status: answer.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) as Json };
  }

  send(frame: object | string | Buffer): void {
    const isReady = typeof frame === 'string' || Buffer.isBuffer(frame);
    this.socket.send(isReady ? frame : JSON.stringify({ type: 'response.create', ...frame }));
  }

  /** The frames up to the end of the next response, or to an error. */
  async next(): Promise<StreamEvent[]> {
    for (;;) {
      const at = this.#frames.findIndex(({ type }) => ENDS.test(type));
      if (at >= 0) {
        return this.#frames.splice(0, at + 1);
      }
      if (this.#isClosed) {
        throw new Error('The socket was closed before the response was over.');
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Sends a request and gives its response. */
  async create(frame: object): Promise<ResponseBody> {
    this.send(frame);
    return (await this.next()).at(-1)?.response as ResponseBody;
  }

  /** Sends a request that fails, and gives the error. */
  async fail(frame: object | string | Buffer): Promise<Json> {
    this.send(frame);
    const last = (await this.next()).at(-1);
    expect(last?.type).toBe('error');
    return last?.error as Json;
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }

  /** Vanishes. */
  async terminate(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.terminate();
    await closed;
  }

  /** Resolves with the code when the server ends the connection. */
  async closed(): Promise<number> {
    return (await this.end()).code;
  }

  /** Resolves with what the server says when it ends the connection. */
  async end(): Promise<{ code: number; reason: string }> {
    const [code, reason] = (await once(this.socket, 'close')) as [number, Buffer];
    return { code, reason: reason.toString() };
  }
}

const ENDS = /^(?:response\.(?:completed|failed|incomplete)|error)$/;
