import { randomUUID } from 'node:crypto';
import { type OfferedTool } from './model-request.js';
import { type CallStep } from './step.js';

/** A tool call as an output item of the Responses wire. The engine makes `call_id` the id of the item it starts. */
export type ToolCallItem = { id: string; call_id: string; name: string; namespace?: string; status: 'completed' } & (
  { type: 'function_call'; arguments: string } | { type: 'custom_tool_call'; input: string }
);

/** A tool call before it is fitted to what is offered: a name, and its input as JSON or as free text. */
interface Call {
  tool: string;
  namespace?: string;
  input: string;
}

/** Names under which engines have offered a shell, and how each takes a command. */
const shells: Readonly<Record<string, (command: string) => Record<string, unknown>>> = {
  exec_command: (command) => ({ cmd: command }),
  shell_command: (command) => ({ command }),
  shell: (command) => ({ command: ['bash', '-lc', command] }),
};

/**
 * Fits a call to the tools that a request offers: directly where the tool is there, through the JavaScript `exec` tool
 * where an engine offers only that, and for a patch through the shell where there is no other way. A tool that isn't
 * offered at all is called as it stands, as a mistaken model would: the engine answers that it doesn't know it.
 */
export function toToolCallItem(step: CallStep, tools: readonly OfferedTool[]): ToolCallItem {
  const call = toCall(step, tools);
  const offered = findTool(call, tools);
  if (offered) {
    return toItem(call, offered);
  }
  const code = tools.find(({ type, name }) => type === 'custom' && name === 'exec');
  return code
    ? toItem({ tool: code.name, input: toCode(call) }, code)
    : toItem(call, { type: 'function', name: call.tool, namespace: call.namespace });
}

function toCall(step: CallStep, tools: readonly OfferedTool[]): Call {
  switch (step.kind) {
    case 'run':
      return toShellCall(step.command, step.justification, tools);
    case 'patch':
      return toPatchCall(step.patch, tools);
    case 'call':
      return { ...splitName(step.tool), input: step.input };
    case 'mcp':
      return { tool: step.tool, namespace: `mcp__${step.server}`, input: step.input };
    case 'ask':
      return { tool: 'request_user_input', input: step.input };
  }
}

function toShellCall(command: string, justification: string | undefined, tools: readonly OfferedTool[]): Call {
  const tool = Object.keys(shells).find((name) => findTool({ tool: name, input: '' }, tools)) ?? 'exec_command';
  const escalation = justification === undefined ? {} : { sandbox_permissions: 'require_escalated', justification };
  return { tool, input: JSON.stringify({ ...shells[tool]?.(command), ...escalation }) };
}

function toPatchCall(patch: string, tools: readonly OfferedTool[]): Call {
  const isOffered = tools.some(({ type, name }) => name === 'apply_patch' || (type === 'custom' && name === 'exec'));
  return isOffered
    ? { tool: 'apply_patch', input: patch }
    : toShellCall(`apply_patch <<'END_OF_PATCH'\n${patch}\nEND_OF_PATCH`, undefined, tools);
}

function splitName(name: string): Pick<Call, 'tool' | 'namespace'> {
  const at = name.lastIndexOf('.');
  return at < 0 ? { tool: name } : { namespace: name.slice(0, at), tool: name.slice(at + 1) };
}

/** A namespaced tool may be offered inside its namespace or flat, joined by two underscores. */
function findTool({ tool, namespace }: Call, tools: readonly OfferedTool[]): OfferedTool | undefined {
  const isSame = (offered: OfferedTool): boolean =>
    namespace === undefined
      ? offered.name === tool
      : (offered.name === tool && offered.namespace?.replace(/__$/, '') === namespace) ||
        offered.name === `${namespace}__${tool}`;
  return tools.find(isSame);
}

function toItem({ input }: Call, { type, name, namespace }: OfferedTool): ToolCallItem {
  const id = randomUUID().replaceAll('-', '');
  const common = { call_id: `call_${id}`, name, namespace, status: 'completed' } as const;
  return type === 'custom'
    ? { type: 'custom_tool_call', id: `ctc_${id}`, ...common, input }
    : { type: 'function_call', id: `fc_${id}`, ...common, arguments: toArguments(name, input) };
}

function toArguments(name: string, input: string): string {
  return name === 'apply_patch' && !input.startsWith('{') ? JSON.stringify({ input }) : input;
}

function toCode({ tool, namespace, input }: Call): string {
  const name = namespace === undefined ? tool : `${namespace}__${tool}`;
  const argument = /^\s*\{/.test(input) ? input : JSON.stringify(input);
  return `text(await tools[${JSON.stringify(name)}](${argument}));`;
}
