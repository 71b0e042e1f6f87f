import { type McpToolCall, McpServers } from '../../core/engine/mcp-servers.js';
import { type Payload } from '../../core/engine/engine.js';
import { ServiceError } from '../../core/errors.js';
import { type Page } from '../../core/threads/thread-index.js';
import { type EngineClient } from '../engine-client.js';
import { toUnknownOutcome } from '../engine-errors.js';
import { RpcError, TOOL_CALL } from '../rpc/rpc-error.js';

const TOOL_TIMEOUT_MS = 600_000;

export class CodexMcpServers extends McpServers {
  constructor(private readonly client: EngineClient) {
    super();
  }

  override async list({ limit, cursor }: { limit: number; cursor?: string }): Promise<Page<Payload>> {
    const page = await this.client.ask('mcpServerStatus/list', { limit, cursor: cursor ?? null });
    return { data: page.data as Payload[], nextCursor: page.next_cursor as string | null };
  }

  override async find(name: string): Promise<Payload | undefined> {
    const { data } = await this.client.ask('mcpServerStatus/list', { server_name: name });
    return (data as Payload[])[0];
  }

  override async reload(): Promise<void> {
    await this.client.askAll('config/mcpServer/reload');
  }

  override async login(name: string): Promise<{ authUrl: string }> {
    try {
      const { authorization_url: authUrl } = await this.client.ask('mcpServer/oauth/login', { name });
      return { authUrl: String(authUrl) };
    } catch (error) {
      throw isUnknownServer(error)
        ? new ServiceError('not_found', 'There is no such MCP server.', { cause: error })
        : error;
    }
  }

  /** What came of the call to an unknown tool is up to the server, so its list is asked when a call fails. */
  override async callTool(threadId: string, call: McpToolCall): Promise<Payload> {
    const { server, tool } = call;
    const unknown = (cause?: unknown): ServiceError =>
      new ServiceError('not_found', 'There is no such MCP server or tool.', { cause });
    let result: Payload;
    try {
      const params = { thread_id: threadId, server, tool, arguments: call.arguments };
      result = await this.client.ask(TOOL_CALL, params, TOOL_TIMEOUT_MS);
    } catch (error) {
      throw await this.#explain(error, threadId, call);
    }
    if (result.is_error === true && (await this.#lacks(server, tool))) {
      throw unknown();
    }
    return result;
  }

  /** A tool can fail in any words, those of the engine too, so that what they say is looked at. */
  async #explain(error: unknown, threadId: string, { server, tool }: McpToolCall): Promise<unknown> {
    const { cause } = ServiceError.from(error);
    if (!(cause instanceof RpcError)) {
      return toUnknownOutcome(error);
    }
    if (cause.message === `thread not found: ${threadId}`) {
      return new ServiceError('thread_not_found', 'There is no such thread.', { cause });
    }
    const status = await this.find(server);
    if (!status || lacksTool(status, tool)) {
      return new ServiceError('not_found', 'There is no such MCP server or tool.', { cause });
    }
    return NEEDS_LOGIN.test(cause.message)
      ? new ServiceError('not_logged_in', 'This MCP server wants a login; begin one with its /auth.', { cause })
      : error;
  }

  /** Whether the server is known to have no such tool. */
  async #lacks(server: string, tool: string): Promise<boolean> {
    const status = await this.find(server);
    return status !== undefined && lacksTool(status, tool);
  }
}

/** A server that did not start tells nothing of its tools. */
function lacksTool(status: Payload, tool: string): boolean {
  return isPayload(status.server_info) && isPayload(status.tools) && !Object.hasOwn(status.tools, tool);
}

/** As the engine begins (0.169.0). */
const UNKNOWN_SERVER = 'No MCP server named ';
const NEEDS_LOGIN = /^failed to get client: MCP startup failed: .*\bAuth required\b/s;

/** By the engine's words; it has no code for it. */
function isUnknownServer(error: unknown): boolean {
  const { cause } = ServiceError.from(error);
  return cause instanceof RpcError && cause.message.startsWith(UNKNOWN_SERVER);
}

function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null;
}
