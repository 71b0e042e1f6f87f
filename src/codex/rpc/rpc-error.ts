/** What the engine answers to a request that it refuses: JSON-RPC's `{code, message, data}`. */
export class RpcError extends Error {
  constructor(
    readonly method: string,
    readonly code: number,
    message: string,
    readonly data: unknown,
  ) {
    super(message);
    this.name = 'RpcError';
  }
}

/** Its refusals have the code and the words of whatever tool was called, -32001 too. */
export const TOOL_CALL = 'mcpServer/tool/call';

/** JSON-RPC codes that the engine uses. */
export const RPC_OVERLOADED = -32001;
export const RPC_INVALID_REQUEST = -32600;
export const RPC_METHOD_NOT_FOUND = -32601;
export const RPC_INVALID_PARAMS = -32602;

/** The process ended while it worked on a request: whether that was done is not known. */
export class CutShort extends Error {
  constructor(readonly method: string) {
    super(`The process ended while it worked on ${method}.`);
  }
}
