import { type Payload } from './payload.js';
import { type Page } from '../threads/thread-index.js';

/** The tool servers (Model Context Protocol) that the agent uses. */
export abstract class McpServers {
  /**
   * With their tools, resources and state, in a stable order. Connects to each of them, which can take seconds.
   * Throws `invalid_request` for a cursor that it did not give.
   */
  abstract list(query: { limit: number; cursor?: string }): Promise<Page<Payload>>;

  abstract find(name: string): Promise<Payload | undefined>;

  /** Reads the configuration again and connects anew. */
  abstract reload(): Promise<void>;

  /** Where to send the user; its completion is told on the server-wide stream. Throws `not_found`, `invalid_request`. */
  abstract login(name: string): Promise<{ authUrl: string }>;

  /** The MCP result. Throws `not_found` for an unknown server or tool. */
  abstract callTool(engineThreadId: string, call: McpToolCall): Promise<Payload>;
}

export interface McpToolCall {
  server: string;
  tool: string;
  arguments: unknown;
}
