import { defaultAnswer } from './default-answer.js';
import { type ModelRequest } from './model-request.js';
import { parseScript, ScriptError } from './parse-script.js';
import { isCallStep, type Step } from './step.js';

/**
 * The steps that answer a request by the directives of its user's message. Nothing is remembered between requests: how
 * far a script has come is told by the tool outputs that the request brings along, so a restart changes nothing.
 * A script that ends with tool calls is closed by a message; a script with a fault is answered by a message that
 * names it.
 */
export function toNextSteps(request: ModelRequest): Step[] {
  try {
    const script = parseScript(request.userText);
    return script.length > 0 ? toRemainingSteps(script, request.toolOutputCount) : defaultAnswer(request);
  } catch (error) {
    if (error instanceof ScriptError) {
      return [{ kind: 'say', text: `Scripted model: a directive can't be read: ${error.message}` }];
    }
    throw error;
  }
}

/** The part of a script for the next response: what follows the calls already answered, up to the next group of calls. */
export function toRemainingSteps(script: readonly Step[], toolOutputCount: number): Step[] {
  const callIndexes = script.flatMap((step, index) => (isCallStep(step) ? [index] : []));
  const lastAnswered = callIndexes[Math.min(toolOutputCount, callIndexes.length) - 1] ?? -1;
  const rest = script.slice(lastAnswered + 1);
  const firstCall = rest.findIndex(isCallStep);
  if (firstCall < 0) {
    return rest.length > 0 ? rest : [{ kind: 'say', text: 'Done.' }];
  }
  const end = rest.findIndex((step, index) => index > firstCall && !isJoinedCall(step));
  return end < 0 ? rest : rest.slice(0, end);
}

function isJoinedCall(step: Step): boolean {
  return isCallStep(step) && step.isJoined === true;
}
