import { schemaFault } from '../../../core/json-schema/schema-fault.js';
import { OpenAiFault } from '../../openai/errors.js';
import { toChoiceFault } from '../../openai/tool-choice.js';
import { type CreateResponse } from '../schema/create-response.js';
import { toOfferedTools } from './offered-tools.js';
import { toToolChoice } from './tool-choice.js';

/** What a schema can't say of a request. Throws an `OpenAiFault` that names the field. */
export function checkCreate(body: CreateResponse): void {
  checkStart(body);
  checkTools(body);
  checkToolChoice(body);
  checkFormat(body);
  checkBackground(body);
}

function checkStart({ input, previous_response_id: previous, conversation }: CreateResponse): void {
  if (previous && conversation) {
    const message = "Mutually exclusive parameters: only one of 'previous_response_id' or 'conversation' may be given.";
    throw invalid(message, 'mutually_exclusive_parameters', 'conversation');
  }
  const isEmpty = input === undefined || input === null || input.length === 0;
  if (isEmpty && !previous && !conversation) {
    const message =
      "One of 'input' or 'previous_response_id' or 'conversation' must be provided, and 'input' must not be empty.";
    throw invalid(message, 'missing_required_parameter', 'input');
  }
}

function checkTools(body: CreateResponse): void {
  const names = new Set<string>();
  for (const { name, parameters, path: at } of toOfferedTools(body)) {
    if (names.has(name)) {
      throw invalid(`Duplicate function name: '${name}'.`, 'invalid_value', `${at}.name`);
    }
    names.add(name);
    const fault = parameters ? (schemaFault(parameters) ?? toObjectFault(parameters)) : undefined;
    if (fault) {
      const message = `Invalid schema for function '${name}': ${fault.path || 'the schema'} ${fault.message}.`;
      throw invalid(message, 'invalid_function_parameters', `${at}.parameters`);
    }
  }
}

/** The arguments of a call are one object. */
function toObjectFault({ type }: Readonly<Record<string, unknown>>): { path: string; message: string } | undefined {
  return type === undefined || type === 'object' ? undefined : { path: 'type', message: "must be 'object'" };
}

function checkToolChoice(body: CreateResponse): void {
  const { tool_choice: choice } = body;
  const fault = toChoiceFault(toOfferedTools(body), toToolChoice(choice));
  if (fault?.type === 'nothing_to_call') {
    throw invalid("Tool choice 'required' must be specified with 'tools' parameter.", 'invalid_value', 'tool_choice');
  }
  if (fault) {
    const isOne = typeof choice === 'object' && choice?.type !== 'allowed_tools';
    const param = isOne ? 'tool_choice' : `tool_choice.tools[${String(fault.index)}].name`;
    throw invalid(`Tool choice '${fault.name}' not found in 'tools' parameter.`, 'invalid_value', param);
  }
}

function checkFormat({ text }: CreateResponse): void {
  const format = text?.format;
  if (format?.type !== 'json_schema') {
    return;
  }
  const fault = schemaFault(format.schema) ?? toObjectFault(format.schema);
  if (fault) {
    const message = `Invalid schema for response_format '${format.name}': ${fault.path || 'the schema'} ${fault.message}.`;
    throw invalid(message, 'invalid_json_schema', 'text.format.schema');
  }
}

function checkBackground({ background, store }: CreateResponse): void {
  if (background === true && store === false) {
    throw invalid("Background responses need 'store' to be true.", 'invalid_value', 'background');
  }
}

export function invalid(message: string, openAiCode: string, param: string): OpenAiFault {
  return new OpenAiFault('invalid_request', message, { openAiCode, param });
}
