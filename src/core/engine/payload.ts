/** A JSON object in the service's words: snake_case keys where the engine's schema knows them. */
export type Payload = Readonly<Record<string, unknown>>;
