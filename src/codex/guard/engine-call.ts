/** Asks the engine; resolves with its answer. */
export type EngineCall = (method: string, params: unknown) => Promise<unknown>;
