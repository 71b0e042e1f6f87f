import { type Payload } from '../engine/engine.js';

/** The tool servers (Model Context Protocol) that the agent uses. */
export abstract class McpServers {
  /** With their tools, resources and state, by name. Connects to each of them, which can take seconds. */
  abstract list(serverName?: string): Promise<Payload[]>;

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
