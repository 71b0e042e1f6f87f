import { type ChosenTools, chooseTools, type ToolChoice } from '../../openai/tool-choice.js';
import { type CreateResponse } from '../schema/create-response.js';
import { type FunctionTool } from '../schema/tools.js';

/** The functions that the model may or must call. */
export function toChosenTools({ tools, tool_choice: choice }: CreateResponse): ChosenTools<FunctionTool> {
  return chooseTools(tools ?? [], toToolChoice(choice));
}

export function toToolChoice(choice: CreateResponse['tool_choice']): ToolChoice {
  if (typeof choice !== 'object' || choice === null) {
    return { names: choice === 'none' ? [] : null, mustCall: choice === 'required' };
  }
  return choice.type === 'allowed_tools'
    ? { names: choice.tools.map(({ name }) => name), mustCall: choice.mode === 'required' }
    : { names: [choice.name], mustCall: true };
}
