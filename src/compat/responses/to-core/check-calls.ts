import { type GivenItem } from './own-items.js';
import { isCall, isCallOutput, toOutputCallId, toPlainCall } from './call-items.js';
import { invalid } from './check-create.js';

/**
 * Each call must have one output, and each output a call: in the request itself, or for which the response before waits.
 * Throws what OpenAI says of it.
 */
export function checkCalls(given: readonly GivenItem[], pendingIds: readonly string[]): void {
  const open = new Set(pendingIds);
  for (const { item, path } of given) {
    if (isCall(item)) {
      const { call_id: callId } = toPlainCall(item);
      if (open.has(callId)) {
        throw invalid(`Duplicate function call with call_id ${callId}.`, 'invalid_value', `${path}.call_id`);
      }
      open.add(callId);
    } else if (isCallOutput(item) && !open.delete(toOutputCallId(item))) {
      const message = `No tool call found for function call output with call_id ${toOutputCallId(item)}.`;
      throw invalid(message, 'tool_call_not_found', 'input');
    }
  }
  const [missing] = open;
  if (missing !== undefined) {
    throw invalid(`No tool output found for function call ${missing}.`, 'tool_output_not_found', 'input');
  }
}
