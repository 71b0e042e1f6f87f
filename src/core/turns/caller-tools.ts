import { type Payload } from '../engine/payload.js';

/** A function that the caller runs itself, as all the OpenAI wires describe one. */
export interface CallerFunction {
  name: string;
  description?: string | null;
  /** JSON Schema of the arguments; none when absent. */
  parameters?: Payload | null;
}

/**
 * Names under which the engine offers its own tools (0.169.0): two tools of one name would be refused by the model's
 * provider, and a call of it would not reach the caller.
 */
const ENGINE_TOOLS: ReadonlySet<string> = new Set([
  'apply_patch',
  'clock',
  'close_agent',
  'collaboration',
  'create_goal',
  'exec',
  'exec_command',
  'followup_task',
  'functions',
  'get_context_remaining',
  'get_goal',
  'image_generation',
  'interrupt_agent',
  'list_agents',
  'list_mcp_resource_templates',
  'list_mcp_resources',
  'local_shell',
  'new_context',
  'read_mcp_resource',
  'request_permissions',
  'request_user_input',
  'request_user_input_async',
  'resume_agent',
  'send_input',
  'send_message',
  'shell',
  'shell_command',
  'sleep',
  'spawn_agent',
  'tool_search',
  'update_goal',
  'update_plan',
  'view_image',
  'wait',
  'wait_agent',
  'web_search',
  'write_stdin',
]);

/** What the engine keeps for its MCP servers: it refuses functions of such a name. */
const RESERVED = /^mcp(?:__|$)/;

const PREFIX = 'caller__';

/** Whether the engine has, or may have, a tool of this name: it would take the calls of a function that is called so. */
export function isEngineToolName(name: string): boolean {
  return ENGINE_TOOLS.has(name) || RESERVED.test(name);
}

/** A name that is none of the engine's. */
export function toEngineToolName(name: string): string {
  return isEngineToolName(name) || name.startsWith(PREFIX) ? `${PREFIX}${name}` : name;
}

export function toCallerToolName(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}

/** The `dynamic_tools` of a thread that offers these functions. */
export function toDynamicTools(functions: readonly CallerFunction[]): Payload[] {
  return functions.map(({ name, description, parameters }) => ({
    type: 'function',
    name: toEngineToolName(name),
    description: description ?? '',
    input_schema: parameters ?? { type: 'object', properties: {} },
  }));
}
