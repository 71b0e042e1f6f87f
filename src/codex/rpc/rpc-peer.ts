import { ServiceError } from '../../core/errors.js';
import { toEngineLine } from './engine-line.js';
import { RequestSlots } from './request-slots.js';
import { CutShort, RPC_INVALID_REQUEST, RpcError, RPC_OVERLOADED, TOOL_CALL } from './rpc-error.js';

/** The engine answers -32001 when hundreds of requests are under way; this many of a method never make it do so. */
const MAX_OF_METHOD = 64;
/** How long the requests under way have to be answered after the engine said that it could not read one of them. */
const UNREAD_GRACE_MS = 1000;
const OVERLOAD_DELAYS_MS = [20, 50, 100, 200, 400, 800];

export interface RpcHandlers {
  notification: (method: string, params: unknown) => void;
  request: (id: RpcId, method: string, params: unknown) => void;
  /** A line that is no message of the protocol. */
  garbage: (line: string) => void;
}

export type RpcId = string | number;

interface InFlight {
  method: string;
  free: () => void;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/**
 * One side of the engine's JSON-RPC 2.0, which is one object a line without the `jsonrpc` member. Bounds what is under
 * way at once, gives each request a time, tries again when the engine says that it is overloaded, and sends nothing that
 * the engine could not read.
 */
export class RpcPeer {
  readonly #inFlight = new Map<number, InFlight>();
  readonly #slots = new RequestSlots(MAX_OF_METHOD);
  readonly #unread = new Set<NodeJS.Timeout>();
  #nextId = 1;
  #isHeld = false;
  #closed: ServiceError | undefined;

  constructor(
    private readonly write: (line: string) => void,
    private readonly handlers: RpcHandlers,
  ) {}

  /** Rejects with an `RpcError` that the engine answered, or a `ServiceError` `timeout` or `engine_unavailable`. */
  async request(method: string, params: unknown, timeoutMs: number): Promise<unknown> {
    for (const delayMs of OVERLOAD_DELAYS_MS) {
      try {
        return await this.#requestOnce(method, params, timeoutMs);
      } catch (error) {
        if (!(error instanceof RpcError) || error.code !== RPC_OVERLOADED || method === TOOL_CALL) {
          throw error;
        }
        await new Promise((resolve) => {
          setTimeout(resolve, delayMs);
        });
      }
    }
    return this.#requestOnce(method, params, timeoutMs);
  }

  notify(method: string): void {
    this.#send({ method });
  }

  /** While answers are not read, no request is late. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
  }

  /** What the engine could not read becomes a refusal, since it waits for an answer. */
  respond(id: RpcId, result: unknown): void {
    try {
      this.#send({ id, result });
    } catch (error) {
      this.respondError(id, RPC_INVALID_REQUEST, ServiceError.from(error).message);
    }
  }

  respondError(id: RpcId, code: number, message: string): void {
    this.#send({ id, error: { code, message } });
  }

  receive(line: string): void {
    const message = parseMessage(line);
    if (message === undefined) {
      this.handlers.garbage(line);
    } else if (message.method === undefined) {
      this.#settle(message);
    } else if (message.id === undefined) {
      this.handlers.notification(message.method, message.params ?? {});
    } else {
      this.handlers.request(message.id, message.method, message.params ?? {});
    }
  }

  /** The other side is gone: whatever waits for an answer fails. */
  close(reason: string): void {
    this.#closed = new ServiceError('engine_unavailable', reason, { retryAfterSeconds: 1 });
    this.#unread.forEach(clearTimeout);
    for (const { method, reject, timer } of this.#inFlight.values()) {
      clearTimeout(timer);
      const cause = new CutShort(method);
      reject(new ServiceError('engine_unavailable', reason, { retryAfterSeconds: 1, cause }));
    }
    this.#inFlight.clear();
    this.#slots.close();
  }

  /**
   * The engine said that it dropped a line, not which. It answers what it has read sooner or later, so that whatever is
   * under way now and still is in a second is given up: better an error than a wait for nothing.
   */
  dropped(): void {
    const suspects = [...this.#inFlight.keys()];
    const timer = setTimeout(() => {
      this.#unread.delete(timer);
      for (const id of suspects) {
        this.#giveUp(id);
      }
    }, UNREAD_GRACE_MS);
    this.#unread.add(timer);
  }

  async #requestOnce(method: string, params: unknown, timeoutMs: number): Promise<unknown> {
    let free = this.#slots.tryTake(method);
    while (!free) {
      await this.#slots.whenFree(method);
      free = this.#slots.tryTake(method);
    }
    if (this.#closed) {
      throw this.#closed;
    }
    return this.#exchange({ method, params, timeoutMs, free });
  }

  #exchange({ method, params, timeoutMs, free }: Exchange): Promise<unknown> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      const expire = (): void => {
        if (this.#isHeld) {
          request.timer = setTimeout(expire, timeoutMs);
          return;
        }
        this.#take(id);
        reject(
          new ServiceError('timeout', `The engine did not answer ${method} within ${String(timeoutMs / 1000)} s.`),
        );
      };
      const request: InFlight = { method, free, resolve, reject, timer: setTimeout(expire, timeoutMs) };
      this.#inFlight.set(id, request);
      try {
        this.#send({ id, method, params });
      } catch (error) {
        clearTimeout(request.timer);
        this.#take(id);
        reject(ServiceError.from(error));
      }
    });
  }

  #giveUp(id: number): void {
    const request = this.#take(id);
    if (request) {
      clearTimeout(request.timer);
      const text = `The engine could not read a request, and has not answered ${request.method}. Look before you try again.`;
      request.reject(new ServiceError('engine_error', text));
    }
  }

  #settle(message: RpcMessage): void {
    const request = typeof message.id === 'number' ? this.#take(message.id) : undefined;
    if (!request) {
      return;
    }
    clearTimeout(request.timer);
    if (message.error) {
      const { code, message: text, data } = message.error;
      request.reject(new RpcError(request.method, code, text, data));
    } else {
      request.resolve(message.result);
    }
  }

  #take(id: number): InFlight | undefined {
    const request = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    request?.free();
    return request;
  }

  #send(message: object): void {
    if (!this.#closed) {
      this.write(`${toEngineLine(message)}\n`);
    }
  }
}

interface Exchange {
  method: string;
  params: unknown;
  timeoutMs: number;
  free: () => void;
}

interface RpcMessage {
  id?: RpcId;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown } | null;
}

function parseMessage(line: string): RpcMessage | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isMessage(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A request or a notification has an object of parameters, if any; an answer has an id. */
function isMessage(value: unknown): value is RpcMessage {
  if (!isObject(value)) {
    return false;
  }
  const { id, method, params, error } = value;
  const isId = typeof id === 'number' || typeof id === 'string';
  if (method === undefined) {
    return isId && isObjectOrNothing(error);
  }
  return typeof method === 'string' && (isId || id === undefined) && isObjectOrNothing(params);
}

function isObjectOrNothing(value: unknown): boolean {
  return value === undefined || value === null || isObject(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
