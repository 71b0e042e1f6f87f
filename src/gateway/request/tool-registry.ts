import { createHash } from 'node:crypto';

/** How a tool is called on the Responses wire. */
export type ToolKind = 'function' | 'custom' | 'search';

export interface Tool {
  kind: ToolKind;
  name: string;
  namespace: string | undefined;
}

/** Of the function names that the wires accept, the strictest: OpenAI's and Anthropic's 64 of these characters. */
const MAX_NAME_LENGTH = 64;
const FUNCTION_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const OTHER_CHARACTERS = /[^A-Za-z0-9_-]/g;

/** The tools of one request: under which function name each is offered, and what a call to that name is. */
export class ToolRegistry {
  readonly #tools = new Map<string, Tool>();

  /** The function name of a tool; the same for each mention of the same tool. */
  nameOf(tool: Tool): string {
    const plain = tool.namespace === undefined ? tool.name : joinName(tool.namespace, tool.name);
    const known = this.#tools.get(plain);
    const isFree = known === undefined || isSame(known, tool);
    const name = isFree && FUNCTION_NAME.test(plain) ? plain : toShortName(plain, tool);
    this.#tools.set(name, tool);
    return name;
  }

  /** What a function name stands for; a name that no tool has, a model may still call. */
  find(name: string): Tool {
    return this.#tools.get(name) ?? { kind: 'function', name, namespace: undefined };
  }
}

/** A namespace may end with the separator already. */
const joinName = (namespace: string, name: string): string => `${namespace.replace(/_+$/, '')}__${name}`;

const isSame = (a: Tool, b: Tool): boolean => a.name === b.name && a.namespace === b.namespace;

function toShortName(plain: string, tool: Tool): string {
  const hash = createHash('sha256')
    .update(`${tool.namespace ?? ''}\n${tool.name}`)
    .digest('hex')
    .slice(0, 8);
  return `${plain.replaceAll(OTHER_CHARACTERS, '_').slice(0, MAX_NAME_LENGTH - 9)}_${hash}`;
}
