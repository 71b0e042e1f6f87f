/** The wires, besides the Responses API, on which a provider of language models may speak. */
export const PROVIDER_WIRES = ['chat', 'deepseek', 'anthropic', 'gemini'] as const;
export type ProviderWire = (typeof PROVIDER_WIRES)[number];

/**
 * A provider of language models that does not speak the agent's own wire. Its credentials are no part of it: the agent
 * sends them along with each request, as it would to the provider itself.
 */
export interface ModelProvider {
  /** As in the agent's configuration. */
  readonly id: string;
  /** For people, in messages. */
  readonly name: string;
  readonly wire: ProviderWire;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** Names, in lower case, of the headers that the configuration adds to each request. */
  readonly headerNames: readonly string[];
  /** How long the provider may send nothing before the request is given up. */
  readonly idleTimeoutMs: number;
}
