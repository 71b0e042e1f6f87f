import { type LanguageModelV4CallOptions, type LanguageModelV4FunctionTool } from '@ai-sdk/provider';
import { type Fields, findText, toFields, toList, toText } from './fields.js';
import { type ToolRegistry } from './tool-registry.js';
import { type Warn } from './warn.js';

/** The name of the one parameter that a freeform tool has as a function. */
export const FREEFORM_PARAMETER = 'input';

type Schema = LanguageModelV4FunctionTool['inputSchema'];

const NO_PARAMETERS: Schema = { type: 'object', properties: {} };

/** Every tool of a request as a function. Tools that the Responses API runs itself are left out. */
export function toTools(tools: readonly Fields[], book: ToolRegistry, warn: Warn): LanguageModelV4FunctionTool[] {
  return tools.flatMap((tool) => toFunctions(tool, undefined, { book, warn }));
}

interface Context {
  book: ToolRegistry;
  warn: Warn;
}

function toFunctions(tool: Fields, namespace: string | undefined, context: Context): LanguageModelV4FunctionTool[] {
  const { type, description } = tool;
  const name = toText(tool.name);
  switch (type) {
    case 'function':
      return [
        {
          type: 'function',
          name: context.book.nameOf({ kind: 'function', name, namespace }),
          ...(findText(description) === undefined ? {} : { description: toText(description) }),
          inputSchema: toSchema(tool.parameters),
          ...(tool.strict === true ? { strict: true } : {}),
        },
      ];
    case 'custom':
      return [toFreeform(tool, context.book.nameOf({ kind: 'custom', name, namespace }))];
    case 'namespace':
      return toList(tool.tools).flatMap((part) => toFunctions(part, name, context));
    case 'tool_search':
      return [
        {
          type: 'function',
          name: context.book.nameOf({ kind: 'search', name: 'tool_search', namespace: undefined }),
          description: toText(description),
          inputSchema: toSchema(tool.parameters),
        },
      ];
    default:
      context.warn(`The tool "${toText(type)}" is left out: only the Responses API has it.`);
      return [];
  }
}

/** A function with one string. The grammar is told in words, since no other wire can bind a model to one. */
function toFreeform(tool: Fields, name: string): LanguageModelV4FunctionTool {
  const { definition, syntax } = toFields(tool.format);
  const grammar =
    findText(definition) === undefined
      ? []
      : [`The text must follow this ${findText(syntax) ?? 'lark'} grammar:\n${toText(definition)}`];
  const how = `Put the whole text, as it is, into "${FREEFORM_PARAMETER}".`;
  return {
    type: 'function',
    name,
    description: [withoutFreeformWords(toText(tool.description)), how, ...grammar].filter(Boolean).join('\n\n'),
    inputSchema: {
      type: 'object',
      properties: { [FREEFORM_PARAMETER]: { type: 'string', description: 'The text for the tool.' } },
      required: [FREEFORM_PARAMETER],
      additionalProperties: false,
    },
  };
}

/** The engine tells models not to use JSON for such a tool, which is wrong here. */
const withoutFreeformWords = (text: string): string =>
  text.replace(/\s*This is a FREEFORM tool, so do not wrap the patch in JSON\./, '');

function toSchema(parameters: unknown): Schema {
  const schema = toFields(parameters);
  return Object.keys(schema).length === 0 ? NO_PARAMETERS : schema;
}

/** `auto` is what every provider does unasked, and not all know the word. */
export function toToolChoice(choice: unknown, book: ToolRegistry): LanguageModelV4CallOptions['toolChoice'] {
  if (choice === 'none' || choice === 'required') {
    return { type: choice };
  }
  const { type, name } = toFields(choice);
  if ((type === 'function' || type === 'custom') && findText(name) !== undefined) {
    return { type: 'tool', toolName: book.nameOf({ kind: type, name: toText(name), namespace: undefined }) };
  }
  return undefined;
}
