import { createHash } from 'node:crypto';
import { type CallerFunction } from '../../../core/turns/caller-tools.js';
import { type CreateResponse } from '../schema/create-response.js';
import { type AnyTool, type CustomTool, type FunctionTool, isIgnoredTool } from '../schema/tools.js';
import { type CallForm } from '../store/response-record.js';

/** A tool of the caller's as the engine is told of it: it knows functions alone. */
export interface OfferedTool extends CallerFunction {
  form: CallForm;
  /** Where it stands in the request. */
  path: string;
}

type ToolGiver = Pick<CreateResponse, 'tools' | 'input'>;

/** All tools of a request that the model is told of, those of namespaces too, and those that come within the input. */
export function toOfferedTools(body: ToolGiver): OfferedTool[] {
  return toGivenTools(body).flatMap(({ tool, path }) => toOfferedTool(tool, path));
}

export interface IgnoredTool {
  type: string;
  path: string;
}

/** Those that are not there. */
export function toIgnoredTools(body: ToolGiver): IgnoredTool[] {
  return toGivenTools(body).flatMap(({ tool: { type }, path }) => (isIgnoredTool(type) ? [{ type, path }] : []));
}

interface GivenTool {
  tool: AnyTool;
  path: string;
}

function toGivenTools({ tools, input }: ToolGiver): GivenTool[] {
  const added = (Array.isArray(input) ? input : []).flatMap((item, index) =>
    item.type === 'additional_tools' ? atPath(item.tools, `input[${String(index)}].tools`) : [],
  );
  return [...atPath(tools ?? [], 'tools'), ...added];
}

function atPath(tools: readonly AnyTool[], path: string): GivenTool[] {
  return tools.map((tool, index) => ({ tool, path: `${path}[${String(index)}]` }));
}

function toOfferedTool(tool: AnyTool, path: string): OfferedTool[] {
  switch (tool.type) {
    case 'function':
      return [toFunction(tool, path, null)];
    case 'custom':
      return [toCustom(tool, path, null)];
    case 'namespace':
      return tool.tools.map((own, index) => {
        const at = `${path}.tools[${String(index)}]`;
        return own.type === 'custom' ? toCustom(own, at, tool.name) : toFunction(own, at, tool.name);
      });
    case 'local_shell':
      return [{ ...LOCAL_SHELL, path }];
    default:
      return [];
  }
}

function toFunction(
  { name, description, parameters }: FunctionTool,
  path: string,
  namespace: string | null,
): OfferedTool {
  const form: CallForm = { type: 'function', name, namespace };
  return { name: toFunctionName(name, namespace), description, parameters, form, path };
}

/** Its text is the one argument of a function. */
function toCustom({ name, description, format }: CustomTool, path: string, namespace: string | null): OfferedTool {
  const rules =
    format?.type === 'grammar' ? `\n\nThe input must match this ${format.syntax} grammar:\n${format.definition}` : '';
  return {
    name: toFunctionName(name, namespace),
    description: `${description ?? ''}${rules}`,
    parameters: {
      type: 'object',
      properties: { input: { type: 'string', description: 'The whole input of the tool, as plain text.' } },
      required: ['input'],
      additionalProperties: false,
    },
    form: { type: 'custom', name, namespace },
    path,
  };
}

/** Of those tools that are no plain functions to their caller; `undefined` where all are. */
export function toCallForms(tools: readonly OfferedTool[]): Readonly<Record<string, CallForm>> | undefined {
  const special = tools.filter(({ form: { type, namespace } }) => type !== 'function' || namespace !== null);
  return special.length === 0 ? undefined : Object.fromEntries(special.map(({ name, form }) => [name, form]));
}

const LOCAL_SHELL: Omit<OfferedTool, 'path'> = {
  name: 'local_shell',
  description: 'Runs a command on the machine of the user.',
  parameters: {
    type: 'object',
    properties: {
      command: { type: 'array', items: { type: 'string' }, description: 'The program and its arguments.' },
      working_directory: { type: 'string' },
      timeout_ms: { type: 'number' },
    },
    required: ['command'],
    additionalProperties: false,
  },
  form: { type: 'local_shell', name: 'local_shell', namespace: null },
};

/** Providers allow 64; a name that is the engine's too gets a prefix of 8. */
const MAX_NAME_CHARS = 56;
const HASH_CHARS = 8;

/** Under which the model knows a tool: always the same for the same tool, and no longer than providers allow. */
export function toFunctionName(name: string, namespace: string | null | undefined): string {
  const whole = namespace ? `${namespace}__${name}` : name;
  if (whole.length <= MAX_NAME_CHARS) {
    return whole;
  }
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH_CHARS);
  return `${whole.slice(0, MAX_NAME_CHARS - HASH_CHARS - 1)}_${hash}`;
}
