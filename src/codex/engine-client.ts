import { type Payload } from '../core/engine/engine.js';
import { toServiceError } from './engine-errors.js';
import { type Supervisor } from './process/supervisor.js';
import { CLIENT_REQUESTS, type ClientRequestMethod } from './protocol/generated/methods.js';
import { toCamel, toSnake } from './protocol/translate.js';

const REQUEST_TIMEOUT_MS = 60_000;
/** How long a request waits for an engine that is being restarted. */
const READY_TIMEOUT_MS = 10_000;

/** Calls the engine, whichever process of it is up. Every failure is a `ServiceError`. */
export class EngineClient {
  constructor(private readonly supervisor: Supervisor) {}

  /** Parameters and result in the engine's own words. */
  async call<T>(method: ClientRequestMethod, params: unknown, timeoutMs = REQUEST_TIMEOUT_MS): Promise<T> {
    try {
      const peer = await this.supervisor.whenReady(READY_TIMEOUT_MS);
      return (await peer.request(method, params, timeoutMs)) as T;
    } catch (error) {
      throw toServiceError(error);
    }
  }

  /** Parameters and result in the service's words, translated by the method's own definitions. */
  async ask(method: ClientRequestMethod, params: Payload = {}, timeoutMs?: number): Promise<Payload> {
    const definitions = CLIENT_REQUESTS[method];
    const camel = definitions.params === null ? undefined : toCamel(definitions.params, params);
    const result = await this.call<unknown>(method, camel, timeoutMs);
    return toSnake(definitions.response, result) as Payload;
  }
}
