import { isTable } from './config-edits.js';

/** Where the engine's messages have the id of a provider, in themselves or one level down. */
const FIELD = 'modelProvider';
const HOLDERS = ['thread', 'threadSettings', 'data'] as const;

/** Ids of providers that the engine knows under another name than the user. */
export class ProviderNames {
  readonly #engineIds: ReadonlyMap<string, string>;
  readonly #ids: ReadonlyMap<string, string>;

  /** @param engineIds by the id that the user knows; only where they differ */
  constructor(engineIds: ReadonlyMap<string, string> = new Map()) {
    this.#engineIds = engineIds;
    this.#ids = new Map([...engineIds].map(([id, engineId]) => [engineId, id]));
  }

  toEngine(id: string): string {
    return this.#engineIds.get(id) ?? id;
  }

  fromEngine(engineId: string): string {
    return this.#ids.get(engineId) ?? engineId;
  }

  /** Parameters of a request with the engine's id. */
  toEngineParams(params: unknown): unknown {
    return this.#ids.size === 0 ? params : renamed(params, (id) => this.toEngine(id));
  }

  /** An answer or a notification with the user's id. */
  fromEngineMessage<T>(message: T): T {
    return this.#ids.size === 0 ? message : (renamed(message, (id) => this.fromEngine(id)) as T);
  }
}

function renamed(message: unknown, rename: (id: string) => string): unknown {
  if (!isTable(message)) {
    return message;
  }
  const own = renamedField(message, rename);
  const held = HOLDERS.flatMap((holder): [string, unknown][] => {
    const value = message[holder];
    const parts = Array.isArray(value) ? value.map((part: unknown) => renamedField(part, rename)) : undefined;
    return value === undefined ? [] : [[holder, parts ?? renamedField(value, rename)]];
  });
  return held.length === 0 ? own : { ...(own as object), ...Object.fromEntries(held) };
}

function renamedField(message: unknown, rename: (id: string) => string): unknown {
  const id = isTable(message) ? message[FIELD] : undefined;
  return isTable(message) && typeof id === 'string' ? { ...message, [FIELD]: rename(id) } : message;
}
