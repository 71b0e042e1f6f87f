import { type Payload } from '../core/engine/engine.js';
import { ConfigHealth } from './config/config-health.js';
import { type ProviderNames } from './config/provider-names.js';
import { toServiceError } from './engine-errors.js';
import { type ReadGuard } from './guard/read-guard.js';
import { type HostKind } from './process/engine-host.js';
import { type EnginePool } from './process/engine-pool.js';
import { CLIENT_REQUESTS, type ClientRequestMethod } from './protocol/generated/methods.js';
import { toCamel, toSnake } from './protocol/translate.js';

const REQUEST_TIMEOUT_MS = 60_000;

export interface EngineConfigFile {
  readonly path: string;
  readonly health: ConfigHealth;
}

export interface EngineClientOptions {
  /** The engine's config.toml. */
  configPath: string;
  /** Ids of providers, which the engine may know under other names. */
  names: ProviderNames;
  /** Keeps secrets from what the engine runs. */
  guard?: ReadGuard | undefined;
}

/** Calls the engine, whichever process of it is the one to ask. Every failure is a `ServiceError`. */
export class EngineClient {
  readonly config: EngineConfigFile;
  readonly #names: ProviderNames;
  readonly #guard: ReadGuard | undefined;

  constructor(
    private readonly pool: EnginePool,
    private readonly options: EngineClientOptions,
    private readonly kind: HostKind = 'agent',
    config?: EngineConfigFile,
  ) {
    this.#names = options.names;
    this.#guard = options.guard;
    const read = (params: unknown): Promise<unknown> =>
      pool.call('config/read', params, { timeoutMs: REQUEST_TIMEOUT_MS });
    this.config = config ?? { path: options.configPath, health: new ConfigHealth(options.configPath, read) };
  }

  /** For threads of bare models: those that no process has in memory go to one that sees nothing of the operator's. */
  forModels(): EngineClient {
    return new EngineClient(this.pool, this.options, 'model', this.config);
  }

  /** Parameters and result in the engine's own words. */
  async call<T>(method: ClientRequestMethod, params: unknown, timeoutMs = REQUEST_TIMEOUT_MS): Promise<T> {
    try {
      const next = (name: string, given: unknown): Promise<unknown> =>
        this.pool.call(name, this.#names.toEngineParams(given), { timeoutMs, kind: this.kind });
      const answer = await (this.#guard ? this.#guard.call(method, params, next) : next(method, params));
      if (method === 'config/read') {
        this.config.health.wasRead(params);
      }
      return this.#names.fromEngineMessage(answer as T);
    } catch (error) {
      throw toServiceError(await this.config.health.explain(error));
    }
  }

  /** Parameters and result in the service's words, translated by the method's own definitions. */
  async ask(method: ClientRequestMethod, params: Payload = {}, timeoutMs?: number): Promise<Payload> {
    const result = await this.call<unknown>(method, toEngine(method, params), timeoutMs);
    return toSnake(CLIENT_REQUESTS[method].response, result) as Payload;
  }

  /**
   * The same for what every process keeps a copy of: the others are told as well, with `othersParams` where what is asked
   * must not be done twice.
   */
  async askAll(method: ClientRequestMethod, params: Payload = {}, othersParams = params): Promise<Payload> {
    try {
      const [own, others] = [toEngine(method, params), toEngine(method, othersParams)];
      const result = await this.pool.callAll(method, { own, others }, REQUEST_TIMEOUT_MS);
      return toSnake(CLIENT_REQUESTS[method].response, result) as Payload;
    } catch (error) {
      throw toServiceError(await this.config.health.explain(error));
    }
  }
}

function toEngine(method: ClientRequestMethod, params: Payload): unknown {
  const definition = CLIENT_REQUESTS[method].params;
  return definition === null ? undefined : toCamel(definition, params);
}
