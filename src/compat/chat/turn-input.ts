import { toInlineImage } from '../../core/attachments/image-url.js';
import { type LinkedFiles } from '../../core/attachments/linked-files.js';
import { type Payload } from '../../core/engine/engine.js';
import { type HistoryContent, type HistoryItem } from '../../core/turns/history-items.js';
import { type ConversationMessage } from './conversation.js';

/** The engine refuses more of a user's message, but takes any length as history. */
const MAX_INPUT_CHARS = 1_048_576;

export interface TurnInput {
  input: readonly Payload[];
  history: readonly HistoryItem[];
}

/**
 * What a turn is started with: the last message as the user's, if it is one, and all before it (and what the model is to
 * be told) as history. Throws `invalid_request` for an image that is none.
 */
export async function toTurnInput(
  messages: readonly ConversationMessage[],
  directions: readonly string[],
  links: LinkedFiles,
): Promise<TurnInput> {
  const items = await inlined(messages, links);
  const told = directions.map(toDirection);
  const last = items.at(-1);
  return last?.type === 'message' && last.role === 'user' && toChars(last.content) <= MAX_INPUT_CHARS
    ? { input: last.content.map(toUserInput), history: [...items.slice(0, -1), ...told] }
    : { input: [], history: [...items, ...told] };
}

/** The items of the messages, with every image as data: the engine takes no links. */
export async function inlined(messages: readonly ConversationMessage[], links: LinkedFiles): Promise<HistoryItem[]> {
  const items: HistoryItem[] = [];
  for (const { items: own, path } of messages) {
    for (const item of own) {
      items.push(await withImages(item, `${path}.content`, links));
    }
  }
  return items;
}

async function withImages(item: HistoryItem, path: string, links: LinkedFiles): Promise<HistoryItem> {
  const inline = async <T extends HistoryContent>(part: T): Promise<T> =>
    part.type === 'input_image' ? { ...part, image_url: await toInlineImage(part.image_url, path, links) } : part;
  if (item.type === 'message') {
    return { ...item, content: await Promise.all(item.content.map(inline)) };
  }
  if (item.type === 'function_call_output' && typeof item.output !== 'string') {
    return { ...item, output: await Promise.all(item.output.map(inline)) };
  }
  return item;
}

function toDirection(text: string): HistoryItem {
  return { type: 'message', role: 'developer', content: [{ type: 'input_text', text }] };
}

/** A part of a message as a part of a turn's input. */
export function toUserInput(part: HistoryContent): Payload {
  if (part.type !== 'input_image') {
    return { type: 'text', text: part.text };
  }
  return { type: 'image', url: part.image_url, ...(part.detail ? { detail: part.detail } : {}) };
}

function toChars(content: readonly HistoryContent[]): number {
  return content.reduce((sum, part) => sum + (part.type === 'input_image' ? 0 : part.text.length), 0);
}
