import { type Payload } from '../../../core/engine/engine.js';
import { type ServiceEvent } from '../../../core/events/catalogue.js';
import { type EventMsg } from './event-msg.js';
import {
  asInteger,
  asList,
  asPayload,
  asText,
  given,
  toCommand,
  toDuration,
  toParsedCommands,
} from './from-payload.js';

/** What an item that begins is in this protocol. Patches are told by `PatchEvents`, since whether they were asked about counts. */
export function toStarted(item: Payload, turnId: string): EventMsg[] {
  switch (item.type) {
    case 'command_execution':
      return [{ type: 'exec_command_begin', ...toCommandFields(item, turnId) }];
    case 'mcp_tool_call':
      return [{ type: 'mcp_tool_call_begin', call_id: asText(item.id), invocation: toInvocation(item) }];
    case 'web_search':
      return [{ type: 'web_search_begin', call_id: asText(item.id) }];
    default:
      return [];
  }
}

/** What an item that is complete is in this protocol. */
export function toCompleted(item: Payload, turnId: string): EventMsg[] {
  switch (item.type) {
    case 'user_message':
      return [toUserMessage(asList(item.content).map(asPayload))];
    case 'agent_message':
      return [{ type: 'agent_message', message: asText(item.text) }];
    case 'reasoning':
      return toReasoning(item);
    case 'command_execution':
      return [toCommandEnd(item, turnId)];
    case 'mcp_tool_call':
      return [toMcpEnd(item)];
    case 'web_search':
      return [{ type: 'web_search_end', call_id: asText(item.id), query: asText(item.query) }];
    case 'image_view':
      return [{ type: 'view_image_tool_call', call_id: asText(item.id), path: asText(item.path) }];
    case 'context_compaction':
      return [{ type: 'context_compacted' }];
    default:
      return [];
  }
}

function toUserMessage(parts: readonly Payload[]): EventMsg {
  const textsOf = (type: string, key: string): string[] =>
    parts.filter((part) => part.type === type && typeof part[key] === 'string').map((part) => asText(part[key]));
  const images = textsOf('image', 'url');
  return {
    type: 'user_message',
    message: textsOf('text', 'text').join('\n'),
    ...(images.length > 0 && { images }),
    local_images: textsOf('local_image', 'path'),
    text_elements: parts.flatMap((part) => asList(part.text_elements)),
  };
}

function toReasoning(item: Payload): EventMsg[] {
  return [
    ...asList(item.summary).map((text) => ({ type: 'agent_reasoning' as const, text: asText(text) })),
    ...asList(item.content).map((text) => ({ type: 'agent_reasoning_raw_content' as const, text: asText(text) })),
  ];
}

function toCommandFields(
  item: Payload,
  turnId: string,
): Omit<Extract<EventMsg, { type: 'exec_command_begin' }>, 'type'> {
  return {
    call_id: asText(item.id),
    ...given({ process_id: item.process_id as string | null }),
    turn_id: turnId,
    command: toCommand(item.command),
    cwd: asText(item.cwd),
    parsed_cmd: toParsedCommands(item.command_actions),
    source: asText(item.source),
  };
}

const NO_EXIT_CODE = -1;

function toCommandEnd(item: Payload, turnId: string): EventMsg {
  const output = asText(item.aggregated_output);
  return {
    type: 'exec_command_end',
    ...toCommandFields(item, turnId),
    stdout: output,
    stderr: '',
    aggregated_output: output,
    exit_code: typeof item.exit_code === 'number' ? item.exit_code : NO_EXIT_CODE,
    duration: toDuration(item.duration_ms),
    formatted_output: output,
    status: asText(item.status),
  };
}

function toInvocation(item: Payload): { server: string; tool: string; arguments: unknown } {
  return { server: asText(item.server), tool: asText(item.tool), arguments: item.arguments ?? null };
}

function toMcpEnd(item: Payload): EventMsg {
  const { error, result } = item;
  return {
    type: 'mcp_tool_call_end',
    call_id: asText(item.id),
    invocation: toInvocation(item),
    duration: toDuration(item.duration_ms),
    result:
      error === null || error === undefined
        ? { Ok: toCallResult(asPayload(result)) }
        : { Err: asText(asPayload(error).message) },
  };
}

/** As MCP writes it. */
function toCallResult(result: Payload): Record<string, unknown> {
  const { structured_content: structured, content, _meta: meta } = result;
  return { content: asList(content), ...given({ structuredContent: structured, _meta: meta }) };
}

/** A piece of an item; `undefined` for notifications that are none. */
export function toDelta({ type, payload }: ServiceEvent): EventMsg | undefined {
  switch (type) {
    case 'item/agentMessage/delta':
      return { type: 'agent_message_delta', delta: payload.delta };
    case 'item/reasoning/summaryTextDelta':
      return { type: 'agent_reasoning_delta', delta: payload.delta };
    case 'item/reasoning/textDelta':
      return { type: 'agent_reasoning_raw_content_delta', delta: payload.delta };
    case 'item/reasoning/summaryPartAdded': {
      const place = { item_id: payload.item_id, summary_index: asInteger(payload.summary_index) };
      return { type: 'agent_reasoning_section_break', ...place };
    }
    case 'item/commandExecution/outputDelta': {
      const chunk = Buffer.from(payload.delta).toString('base64');
      return { type: 'exec_command_output_delta', call_id: payload.item_id, stream: 'stdout', chunk };
    }
    case 'item/commandExecution/terminalInteraction':
      return {
        type: 'terminal_interaction',
        call_id: payload.item_id,
        process_id: asText(payload.process_id),
        stdin: asText(payload.stdin),
      };
    default:
      return undefined;
  }
}
