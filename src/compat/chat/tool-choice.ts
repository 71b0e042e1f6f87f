import { ServiceError } from '../../core/errors.js';
import { type CallerFunction } from '../../core/turns/caller-tools.js';
import { type ChatRequest } from './chat-request.js';

export interface ChosenTools {
  functions: readonly CallerFunction[];
  mustCall: boolean;
  directions: readonly string[];
}

/**
 * The engine always leaves the choice to the model. So only what may be called is offered, a call that must be made is
 * asked for in words, and an answer without it is refused afterwards.
 */
export function toToolChoice({
  tools,
  tool_choice: choice,
  parallel_tool_calls: isParallel,
}: ChatRequest): ChosenTools {
  const functions = toFunctions(tools);
  const direct = isParallel === false && functions.length > 0 ? [ONE_AT_A_TIME] : [];
  if (choice === 'none') {
    return { functions: [], mustCall: false, directions: [] };
  }
  if (typeof choice === 'object' && choice !== null) {
    return toNamed(functions, choice, direct);
  }
  return choice === 'required' ? toRequired(functions, direct) : { functions, mustCall: false, directions: direct };
}

type NamedChoice = Exclude<ChatRequest['tool_choice'], string | null | undefined>;

const ONE_AT_A_TIME = 'Call one function at a time.';

function toRequired(functions: readonly CallerFunction[], more: readonly string[]): ChosenTools {
  if (functions.length === 0) {
    throw invalid('tool_choice', 'needs tools');
  }
  const names = functions.map(({ name }) => name).join(', ');
  return {
    functions,
    mustCall: true,
    directions: [`Answer with a call of a function and nothing else. You can call: ${names}.`, ...more],
  };
}

function toNamed(functions: readonly CallerFunction[], choice: NamedChoice, more: readonly string[]): ChosenTools {
  const isAllowed = choice.type === 'allowed_tools';
  const names = isAllowed ? choice.allowed_tools.tools.map((tool) => tool.function.name) : [choice.function.name];
  const unknown = names.find((wanted) => !functions.some(({ name }) => name === wanted));
  if (unknown !== undefined) {
    throw invalid('tool_choice', `names ${unknown}, which is not among the tools`);
  }
  const chosen = functions.filter(({ name }) => names.includes(name));
  return isAllowed && choice.allowed_tools.mode === 'auto'
    ? { functions: chosen, mustCall: false, directions: more }
    : toRequired(chosen, more);
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
