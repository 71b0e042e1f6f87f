import { type Payload } from '../../../core/engine/engine.js';
import { type ServiceEvent } from '../../../core/events/catalogue.js';
import { type EventMsg } from './event-msg.js';
import { type MsgFileChanges } from './patch-events.js';
import { asList, asText, given, toCommand, toParsedCommands } from './from-payload.js';

/**
 * A question of the engine in this protocol; `undefined` for what is none. The changes that a patch is about are not in
 * its question, but in its item.
 */
export function toQuestion(
  { type, payload }: ServiceEvent,
  changesOf: (itemId: string) => MsgFileChanges,
): EventMsg | undefined {
  const approval_id = asText(payload.approval_id);
  const call = { call_id: asText(payload.item_id), turn_id: asText(payload.turn_id), approval_id };
  const reason = given({ reason: payload.reason as string | null });
  switch (type) {
    case 'item/commandExecution/requestApproval':
      return { type: 'exec_approval_request', ...call, ...reason, ...toCommandQuestion(payload) };
    case 'item/fileChange/requestApproval': {
      const grant = given({ grant_root: payload.grant_root as string | null });
      return { type: 'apply_patch_approval_request', ...call, ...reason, ...grant, changes: changesOf(call.call_id) };
    }
    case 'item/permissions/requestApproval':
      return { type: 'request_permissions', ...call, ...reason, permissions: payload.permissions };
    case 'item/tool/requestUserInput':
      return { type: 'request_user_input', ...call, questions: [...asList(payload.questions)] };
    case 'item/tool/call':
      return { type: 'dynamic_tool_call_request', ...call, tool: payload.tool, arguments: payload.arguments };
    case 'mcpServer/elicitation/request': {
      const { server_name: server, message } = payload;
      const words = { server_name: asText(server), message: asText(message) };
      return { type: 'elicitation_request', approval_id, id: approval_id, ...words };
    }
    default:
      return undefined;
  }
}

function toCommandQuestion(
  payload: Payload,
): Pick<
  Extract<EventMsg, { type: 'exec_approval_request' }>,
  'command' | 'cwd' | 'parsed_cmd' | 'proposed_execpolicy_amendment' | 'network_approval_context'
> {
  return {
    command: toCommand(payload.command),
    cwd: asText(payload.cwd),
    parsed_cmd: toParsedCommands(payload.command_actions),
    ...given({
      proposed_execpolicy_amendment: payload.proposed_execpolicy_amendment as string[] | null,
      network_approval_context: payload.network_approval_context,
    }),
  };
}
