import { schemaFault } from '../../../core/json-schema/schema-fault.js';
import { OpenAiFault } from '../../openai/errors.js';
import { type CreateResponse } from '../schema/create-response.js';

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

function checkTools({ tools }: CreateResponse): void {
  const names = new Set<string>();
  for (const [index, { name, parameters }] of (tools ?? []).entries()) {
    const at = `tools[${String(index)}]`;
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

function checkToolChoice({ tools, tool_choice: choice }: CreateResponse): void {
  const { isForced, names } = toChoice(choice);
  if (isForced) {
    const message =
      "Unsupported value: 'tool_choice' can't make the model call a function here: 'auto', 'none' and 'allowed_tools' " +
      "of the mode 'auto' are supported.";
    throw invalid(message, 'unsupported_value', 'tool_choice');
  }
  const known = new Set((tools ?? []).map(({ name }) => name));
  const unknown = names.findIndex((name) => !known.has(name));
  if (unknown >= 0) {
    const message = `Tool choice '${names[unknown] ?? ''}' not found in 'tools' parameter.`;
    throw invalid(message, 'invalid_value', `tool_choice.tools[${String(unknown)}].name`);
  }
}

function toChoice(choice: CreateResponse['tool_choice']): { isForced: boolean; names: readonly string[] } {
  if (typeof choice !== 'object' || choice === null) {
    return { isForced: choice === 'required', names: [] };
  }
  return choice.type === 'allowed_tools'
    ? { isForced: choice.mode === 'required', names: choice.tools.map(({ name }) => name) }
    : { isForced: true, names: [] };
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
