import { type CallForm, type Item } from '../store/response-record.js';
import { toFunctionName } from './offered-tools.js';

/** A call as the model finds it in its history, where every tool of the caller's is a function. */
export interface PlainCall {
  call_id: string;
  name: string;
  arguments: string;
}

const CALLS: ReadonlySet<string> = new Set(['function_call', 'custom_tool_call', 'local_shell_call']);

export function isCall({ type }: { type: string }): boolean {
  return CALLS.has(type);
}

/** Of a call of either side. */
export function toPlainCall(item: Item): PlainCall {
  const callId = text(item.call_id);
  if (item.type === 'local_shell_call') {
    return { call_id: callId, name: 'local_shell', arguments: toShellArguments(item.action) };
  }
  const name = toFunctionName(text(item.name), text(item.namespace));
  const args = item.type === 'custom_tool_call' ? JSON.stringify({ input: text(item.input) }) : text(item.arguments);
  return { call_id: callId, name, arguments: args };
}

const OUTPUTS: ReadonlySet<string> = new Set([...CALLS].map((type) => `${type}_output`));

export function isCallOutput({ type }: { type: string }): boolean {
  return OUTPUTS.has(type);
}

/** The call that an output is of; OpenAI has it as the `id` of a local shell's. */
export function toOutputCallId(item: Item): string {
  return text(item.call_id) || text(item.id);
}

/** The call as its caller is to be told of it, in the form in which he offered the tool. */
export function toCallItem(
  call: { id: string; callId: string; name: string; arguments: string },
  form?: CallForm,
): Item {
  const base = { id: call.id, call_id: call.callId };
  switch (form?.type) {
    case 'custom':
      return {
        type: 'custom_tool_call',
        ...base,
        ...toNames(form),
        input: toInput(call.arguments),
        status: 'completed',
      };
    case 'local_shell':
      return { type: 'local_shell_call', ...base, action: toAction(call.arguments), status: 'completed' };
    default: {
      const names = form ? toNames(form) : { name: call.name };
      return { type: 'function_call', ...base, ...names, arguments: call.arguments, status: 'completed' };
    }
  }
}

function toNames({ name, namespace }: CallForm): { name: string; namespace?: string } {
  return namespace === null ? { name } : { name, namespace };
}

/** A model that writes no such object has written the text itself. */
function toInput(args: string): string {
  const { input } = parseObject(args);
  return typeof input === 'string' ? input : args;
}

function toAction(args: string): Readonly<Record<string, unknown>> {
  const { command, working_directory: folder, timeout_ms: timeoutMs } = parseObject(args);
  return {
    type: 'exec',
    command: Array.isArray(command) ? command.map(String) : [],
    env: {},
    timeout_ms: typeof timeoutMs === 'number' ? timeoutMs : null,
    user: null,
    working_directory: typeof folder === 'string' ? folder : null,
  };
}

function toShellArguments(action: unknown): string {
  const { command, working_directory: folder, timeout_ms: timeoutMs } = toRecord(action);
  return JSON.stringify({
    command,
    ...(typeof folder === 'string' ? { working_directory: folder } : {}),
    ...(typeof timeoutMs === 'number' ? { timeout_ms: timeoutMs } : {}),
  });
}

function parseObject(json: string): Readonly<Record<string, unknown>> {
  try {
    return toRecord(JSON.parse(json));
  } catch {
    return {};
  }
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
