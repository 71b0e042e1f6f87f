import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Gates } from './gates.js';
import { toModelRequest, type ModelRequest } from './model-request.js';
import { toNextSteps } from './next-steps.js';
import { parseScript } from './parse-script.js';
import { scriptedModelName } from './provider-overrides.js';
import { ResponsePlayer, stallGate } from './response-player.js';
import { ResponseStream } from './response-stream.js';
import { type Step } from './step.js';

/** A whole response: steps, or the same as text in the directive language. */
export type Answer = readonly Step[] | string;

/** Chooses the answer to a request; undefined leaves it to the directives in the user's message. */
export type RequestHandler = (request: ModelRequest) => Answer | undefined | Promise<Answer | undefined>;

export interface ScriptedModelOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  /** How many of the last requests `requests` keeps; 1000 unless given. */
  maxKeptRequests?: number;
}

/**
 * A model that answers by script over the Responses wire (`POST /v1/responses`, server-sent events), on loopback only.
 * It stands in for a language model where a run must be free, offline and exact; it understands no language.
 *
 * An answer comes from the first of: what was enqueued, the handler, the directives in the last user message
 * (`directiveHelp` lists them). Other processes open a gate with `POST /gates/NAME/release`.
 */
export class ScriptedModel {
  readonly #server: Server;
  readonly #maxKeptRequests: number;
  readonly #gates = new Gates();
  readonly #closing = new AbortController();
  readonly #enqueued: Answer[] = [];
  readonly #requests: ModelRequest[] = [];
  readonly #arrivals = new Set<() => void>();
  #requestTotal = 0;
  #handler: RequestHandler = () => undefined;

  private constructor(maxKeptRequests: number) {
    this.#maxKeptRequests = maxKeptRequests;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        refuse(response, error);
      });
    });
  }

  /** Starts a model on 127.0.0.1; rejects if the port is taken. */
  static async start({ port = 0, maxKeptRequests = 1000 }: ScriptedModelOptions = {}): Promise<ScriptedModel> {
    const model = new ScriptedModel(maxKeptRequests);
    model.#server.listen(port, '127.0.0.1');
    await once(model.#server, 'listening');
    return model;
  }

  /** Base URL for a provider, for example `http://127.0.0.1:4000/v1`. */
  get baseUrl(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/v1`;
  }

  /** The last requests for a response, oldest first. */
  get requests(): readonly ModelRequest[] {
    return this.#requests;
  }

  /** Answers the next request without an enqueued answer before it; each call answers one request. */
  enqueue(...answers: Answer[]): void {
    this.#enqueued.push(...answers.map(toSteps));
  }

  /** Sets the handler that is asked about every request without an enqueued answer, in place of the one before. */
  onRequest(handler: RequestHandler): void {
    this.#handler = handler;
  }

  /** Resolves when `count` requests have come in since the start, with all that are kept. */
  requestCount(count: number): Promise<readonly ModelRequest[]> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.#requestTotal >= count) {
          this.#arrivals.delete(check);
          resolve(this.#requests);
        }
      };
      this.#arrivals.add(check);
      check();
    });
  }

  /** Opens a gate for those who wait and those who come later. */
  release(gate: string): void {
    this.#gates.release(gate);
  }

  /** Closes a gate that was released. */
  hold(gate: string): void {
    this.#gates.hold(gate);
  }

  /** Lets the responses go on that have stalled until now. */
  releaseStalls(): void {
    this.#gates.pulse(stallGate);
  }

  /** Resolves when responses have reached a gate `times` times since the start. */
  reached(gate: string, times = 1): Promise<void> {
    return this.#gates.reached(gate, times);
  }

  /** Resolves when responses have stalled `times` times since the start. */
  stalled(times = 1): Promise<void> {
    return this.#gates.reached(stallGate, times);
  }

  /** Ends every response, breaking those under way, and frees the port. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the scripted model is closing'));
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = `${request.method ?? ''} ${(request.url ?? '').replace(/\?.*$/, '')}`;
    const gate = /^POST \/gates\/([^/]+)\/release$/.exec(target)?.[1];
    if (target === 'POST /v1/responses') {
      await this.#respond(await readJson(request), request, response);
    } else if (target === 'GET /v1/models') {
      sendJson(response, 200, { object: 'list', data: [{ id: scriptedModelName, object: 'model' }] });
    } else if (gate !== undefined) {
      this.release(decodeURIComponent(gate));
      response.writeHead(204).end();
    } else {
      sendJson(response, 404, { error: { message: `the scripted model has no ${target}`, type: 'not_found' } });
    }
  }

  async #respond(body: Record<string, unknown>, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = toModelRequest(body, incoming.headers);
    this.#keep(request);
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort(new Error('the connection is closed'));
    });
    const signal = AbortSignal.any([gone.signal, this.#closing.signal]);
    const stream = new ResponseStream(response, signal);
    try {
      const answer = this.#enqueued.shift() ?? (await this.#handler(request)) ?? toNextSteps(request);
      await new ResponsePlayer({ stream, request, gates: this.#gates, signal }).play(toSteps(answer));
    } catch (error) {
      if (!signal.aborted) {
        throw error;
      }
    }
  }

  #keep(request: ModelRequest): void {
    this.#requestTotal += 1;
    this.#requests.push(request);
    if (this.#requests.length > this.#maxKeptRequests) {
      this.#requests.shift();
    }
    for (const check of [...this.#arrivals]) {
      check();
    }
  }
}

function toSteps(answer: Answer): readonly Step[] {
  return typeof answer === 'string' ? parseScript(answer) : answer;
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** A fault of the script or of the caller is told to the caller, so that a test shows its cause. */
function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
  } else {
    sendJson(response, 400, { error: { message: String(error), type: 'scripted_model_error' } });
  }
}
