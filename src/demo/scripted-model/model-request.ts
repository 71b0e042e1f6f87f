/** A tool as the engine offers it: plain (`function`, `custom`, …), or inside a namespace. */
export interface OfferedTool {
  type: string;
  name: string;
  namespace?: string;
  /** JSON Schema of a function's arguments, where it is given. */
  parameters?: unknown;
}

/** One request of the engine to the model (`POST /v1/responses`), with what a script needs to know of it. */
export interface ModelRequest {
  /** The body as received. */
  body: Readonly<Record<string, unknown>>;
  /** Headers as received, names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  model: string;
  /** From the engine's `client_metadata`; absent when another client asks. */
  threadId?: string;
  turnId?: string;
  /** Text of the last message that a user wrote; context which the engine adds in the user's name is left out. */
  userText: string;
  /** Outputs of tools since that message: how far its script has come. */
  toolOutputCount: number;
  /** The texts of these outputs, in order. */
  toolOutputTexts: string[];
  tools: OfferedTool[];
  /** The JSON schema that the answer must follow, if one is asked for. */
  outputSchema?: unknown;
  inputChars: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a request body. Fields that are missing or of another type count as absent. */
export function toModelRequest(body: Fields, headers: ModelRequest['headers']): ModelRequest {
  const input = toInputItems(body.input);
  const last = input.findLastIndex(isWrittenByUser);
  const metadata = toFields(body.client_metadata);
  return {
    body,
    headers,
    model: toText(body.model) ?? '',
    threadId: toText(metadata.thread_id),
    turnId: toText(metadata.turn_id),
    userText: last < 0 ? '' : toMessageText(input[last]),
    toolOutputCount: countToolOutputs(input.slice(last + 1)),
    toolOutputTexts: input
      .slice(last + 1)
      .filter(isToolOutput)
      .map(toOutputText),
    tools: [body.tools, ...input.filter(({ type }) => type === 'additional_tools').map(({ tools }) => tools)].flatMap(
      (tools) => toOfferedTools(tools),
    ),
    outputSchema: toOutputSchema(body),
    inputChars: JSON.stringify(input).length,
  };
}

function toInputItems(input: unknown): Fields[] {
  return typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : toList(input);
}

const engineContext = /^\s*(?:<([\w-]+)>.*<\/\1>|# AGENTS\.md instructions.*)\s*$/s;

function isWrittenByUser(item: Fields): boolean {
  return item.role === 'user' && !engineContext.test(toMessageText(item));
}

function toMessageText(item: Fields | undefined): string {
  return typeof item?.content === 'string'
    ? item.content
    : toList(item?.content)
        .map(({ text }) => toText(text))
        .filter((text) => text !== undefined)
        .join('\n');
}

/** A tool may report more than once under one call id (`notify` of the code tool): each call counts once. */
function countToolOutputs(items: Fields[]): number {
  return new Set(items.filter(isToolOutput).map(({ call_id }) => call_id)).size;
}

function isToolOutput({ type }: Fields): boolean {
  return type === 'function_call_output' || type === 'custom_tool_call_output';
}

function toOutputText({ output }: Fields): string {
  return toText(output) ?? toMessageText({ content: output });
}

function toOfferedTools(tools: unknown, namespace?: string): OfferedTool[] {
  return toList(tools).flatMap((tool) => {
    const [type, name] = [toText(tool.type) ?? '', toText(tool.name) ?? ''];
    const { parameters } = tool;
    return type === 'namespace'
      ? toOfferedTools(tool.tools, name)
      : [{ type, name: name || type, namespace, ...(parameters === undefined ? {} : { parameters }) }];
  });
}

function toOutputSchema(body: Fields): unknown {
  const format = toFields(toFields(body.text).format);
  return format.type === 'json_schema' ? format.schema : undefined;
}

function toList(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(toFields) : [];
}

function toFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
