import { type FieldError, ServiceError } from '../../core/errors.js';
import { type HistoryContent, type HistoryItem } from '../../core/turns/history-items.js';
import { toCanonicalText } from './canonical.js';
import { type AssistantMessage, type ChatMessage, type RichContent } from './chat-messages.js';

/** One message, for the engine and for telling it from others. */
export interface ConversationMessage {
  role: ChatMessage['role'];
  items: readonly HistoryItem[];
  /** The same text for the same message, however a client writes it down. */
  canonical: string;
  /** Where it stands in the request. */
  path: string;
}

export interface Conversation {
  /** What the messages before the first one of anybody's say. */
  instructions: string;
  /** All other messages. */
  messages: readonly ConversationMessage[];
}

type Instruction = ChatMessage & { role: 'system' | 'developer' };

const isInstruction = (message: ChatMessage): message is Instruction =>
  message.role === 'system' || message.role === 'developer';

type Calls = readonly { id: string; function: { name: string; arguments: string } }[];

/** Throws `invalid_request` where calls and outputs of tools don't belong together. */
export function toConversation(messages: readonly ChatMessage[]): Conversation {
  requireAnsweredCalls(messages);
  const firstOther = messages.findIndex((message) => !isInstruction(message));
  const leading = messages.slice(0, Math.max(0, firstOther)).filter(isInstruction);
  return {
    instructions: leading.map(({ content, name }) => withName(toText(content), name)).join('\n\n'),
    messages: messages
      .map((message, index) => toConversationMessage(message, `messages[${String(index)}]`))
      .slice(leading.length),
  };
}

/** The answer that was given, as its client will send it back. */
export function toAnswerMessage(text: string, calls: Calls): ConversationMessage {
  return toConversationMessage(
    { role: 'assistant', content: text, tool_calls: calls.map((call) => ({ type: 'function', ...call })) },
    '',
  );
}

function toConversationMessage(message: ChatMessage, path: string): ConversationMessage {
  const items = toItems(message);
  return { role: message.role, items, canonical: toCanonicalText(items), path };
}

function toItems(message: ChatMessage): HistoryItem[] {
  switch (message.role) {
    case 'system':
    case 'developer':
      return [toMessage('developer', [input(withName(toText(message.content), message.name))])];
    case 'user':
      return [toMessage('user', toParts(message.content, message.name))];
    case 'assistant':
      return toAssistantItems(message);
    case 'tool':
      return [{ type: 'function_call_output', call_id: message.tool_call_id, output: toOutput(message.content) }];
  }
}

function toAssistantItems({ content, refusal, tool_calls: calls }: AssistantMessage): HistoryItem[] {
  const text = toText(content ?? '') || (refusal ?? '');
  return [
    ...(text === '' ? [] : [toMessage('assistant', [{ type: 'output_text', text }])]),
    ...(calls ?? []).map(({ id, function: { name, arguments: args } }): HistoryItem => ({
      type: 'function_call',
      call_id: id,
      name,
      arguments: args,
    })),
  ];
}

function toMessage(role: 'developer' | 'user' | 'assistant', content: readonly HistoryContent[]): HistoryItem {
  return { type: 'message', role, content };
}

const input = (text: string): HistoryContent & { type: 'input_text' } => ({ type: 'input_text', text });

/** A participant's name is told in the text, since the engine's messages have no other place for it. */
function withName(text: string, name: string | null | undefined): string {
  return name ? `${name}: ${text}` : text;
}

function toText(content: string | readonly ({ text: string } | { refusal: string })[] | RichContent): string {
  return typeof content === 'string'
    ? content
    : content.map((part) => ('text' in part ? part.text : 'refusal' in part ? part.refusal : '')).join('\n');
}

type InputPart = Exclude<HistoryContent, { type: 'output_text' }>;

/** The engine refuses the detail `low`; without any it chooses itself. */
function toParts(content: RichContent, name?: string | null): InputPart[] {
  if (typeof content === 'string') {
    return [input(withName(content, name))];
  }
  const parts = content.map((part): InputPart => {
    if (part.type === 'text') {
      return input(part.text);
    }
    const { url, detail } = part.image_url;
    return { type: 'input_image', image_url: url, ...(detail === 'high' ? { detail } : {}) };
  });
  return name ? [input(`${name}:`), ...parts] : parts;
}

function toOutput(content: RichContent): string | InputPart[] {
  const parts = toParts(content);
  return parts.every(isText) ? parts.map(({ text }) => text).join('\n') : parts;
}

const isText = (part: InputPart): part is InputPart & { type: 'input_text' } => part.type === 'input_text';

/** As the wire demands: the outputs of all calls of a message follow it at once, and answer nothing else. */
function requireAnsweredCalls(messages: readonly ChatMessage[]): void {
  let open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const path = `messages[${String(index)}]`;
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id)) {
        throw invalid(`${path}.tool_call_id`, 'must be the id of a call in the assistant message before it');
      }
      continue;
    }
    if (open.size > 0) {
      throw unanswered(path, open);
    }
    open = new Set(message.role === 'assistant' ? (message.tool_calls ?? []).map(({ id }) => id) : []);
  }
  if (open.size > 0) {
    throw unanswered(`messages[${String(messages.length - 1)}]`, open);
  }
}

function unanswered(path: string, open: ReadonlySet<string>): ServiceError {
  const ids = [...open].join(', ');
  return invalid(path, `tool_calls must be followed by tool messages for each of them; without one: ${ids}`);
}

function invalid(path: string, message: string): ServiceError {
  const fields: FieldError[] = [{ path, message }];
  return new ServiceError('invalid_request', `The request is not valid: ${path}: ${message}.`, { fields });
}
