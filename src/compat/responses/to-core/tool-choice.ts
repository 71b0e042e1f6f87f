import { type ChosenTools, chooseTools, type ToolChoice } from '../../openai/tool-choice.js';
import { type CreateResponse } from '../schema/create-response.js';
import { type OfferedTool, toFunctionName, toOfferedTools } from './offered-tools.js';

/** The tools that the model may or must call. */
export function toChosenTools(body: CreateResponse): ChosenTools<OfferedTool> {
  return chooseTools(toOfferedTools(body), toToolChoice(body.tool_choice));
}

export function toToolChoice(choice: CreateResponse['tool_choice']): ToolChoice {
  if (typeof choice !== 'object' || choice === null) {
    return { names: choice === 'none' ? [] : null, mustCall: choice === 'required' };
  }
  return choice.type === 'allowed_tools'
    ? {
        names: choice.tools.map(({ name, namespace }) => toFunctionName(name, namespace)),
        mustCall: choice.mode === 'required',
      }
    : { names: [toFunctionName(choice.name, choice.namespace)], mustCall: true };
}
