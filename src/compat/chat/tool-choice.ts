import { ServiceError } from '../../core/errors.js';
import { type CallerFunction } from '../../core/turns/caller-tools.js';
import { chooseTools, toChoiceFault, type ToolChoice } from '../openai/tool-choice.js';
import { type ChatRequest } from './chat-request.js';

export interface ChosenFunctions {
  functions: readonly CallerFunction[];
  mustCall: boolean;
  directions: readonly string[];
}

/** Throws `invalid_request` for a choice of what is not there. */
export function toToolChoice(request: ChatRequest): ChosenFunctions {
  const functions = toFunctions(request.tools);
  const choice = toChoice(request.tool_choice);
  const fault = toChoiceFault(functions, choice);
  if (fault) {
    const message = fault.type === 'unknown' ? `names ${fault.name}, which is not among the tools` : 'needs tools';
    throw invalid('tool_choice', message);
  }
  const { tools, mustCall, directions } = chooseTools(functions, choice);
  const isSerial = request.parallel_tool_calls === false && tools.length > 0;
  return { functions: tools, mustCall, directions: isSerial ? [...directions, ONE_AT_A_TIME] : directions };
}

const ONE_AT_A_TIME = 'Call one function at a time.';

function toChoice(choice: ChatRequest['tool_choice']): ToolChoice {
  if (typeof choice !== 'object' || choice === null) {
    return { names: choice === 'none' ? [] : null, mustCall: choice === 'required' };
  }
  return choice.type === 'allowed_tools'
    ? {
        names: choice.allowed_tools.tools.map((tool) => tool.function.name),
        mustCall: choice.allowed_tools.mode === 'required',
      }
    : { names: [choice.function.name], mustCall: true };
}

function toFunctions(tools: ChatRequest['tools']): CallerFunction[] {
  const functions = (tools ?? []).map(({ function: { name, description, parameters } }) => ({
    name,
    description: description ?? null,
    parameters: parameters ?? null,
  }));
  requireDistinct(functions);
  return functions;
}

function requireDistinct(functions: readonly CallerFunction[]): void {
  for (const [index, { name }] of functions.entries()) {
    if (functions.findIndex((other) => other.name === name) !== index) {
      throw invalid(`tools[${String(index)}].function.name`, 'stands for another tool already');
    }
  }
}

function invalid(path: string, message: string): ServiceError {
  return new ServiceError('invalid_request', `The request is not valid: ${path}: ${message}.`, {
    fields: [{ path, message }],
  });
}
