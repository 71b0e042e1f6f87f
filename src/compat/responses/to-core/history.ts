import { type HistoryContent, type HistoryItem, type ToolOutput } from '../../../core/turns/history-items.js';
import { type MessageContent } from '../schema/content.js';
import { toOutputCallId, toPlainCall } from './call-items.js';
import { type GivenItem } from './own-items.js';
import { type InlineMedia, type Part } from './inline-media.js';

/** The text in a summary that this server made; `undefined` for one of another maker. */
export type Unseal = (sealed: string) => string | undefined;

/** The items as the model is to find them in its history. Throws what names the field at fault. */
export async function toHistory(
  given: readonly GivenItem[],
  media: InlineMedia,
  unseal: Unseal,
): Promise<HistoryItem[]> {
  const items = await Promise.all(given.map((one) => toHistoryItem(one, media, unseal)));
  return items.flat();
}

async function toHistoryItem({ item, path }: GivenItem, media: InlineMedia, unseal: Unseal): Promise<HistoryItem[]> {
  switch (item.type) {
    case 'message':
      return [{ type: 'message', role: item.role, content: await toContent({ item, path }, media) }];
    case 'reasoning':
      // Without its encrypted form a thought can't be given to a model again.
      return item.encrypted_content
        ? [{ type: 'reasoning', summary: item.summary, encrypted_content: item.encrypted_content }]
        : [];
    case 'compaction':
      return [toCompaction(item.encrypted_content, unseal)];
    case 'function_call':
    case 'custom_tool_call':
    case 'local_shell_call':
      return [{ type: 'function_call', ...toPlainCall(item) }];
    default:
      return [
        { type: 'function_call_output', call_id: toOutputCallId(item), output: await toOutput(item, path, media) },
      ];
  }
}

async function toOutput(
  { output }: Extract<GivenItem['item'], { output: unknown }>,
  path: string,
  media: InlineMedia,
): Promise<ToolOutput> {
  return typeof output === 'string' ? output : toParts(output, `${path}.output`, media);
}

function toCompaction(sealed: string, unseal: Unseal): HistoryItem {
  const text = unseal(sealed);
  if (text === undefined) {
    return { type: 'compaction', encrypted_content: sealed };
  }
  const content = [{ type: 'input_text', text: `Summary of the conversation so far:\n${text}` }] as const;
  return { type: 'message', role: 'user', content };
}

async function toContent({ item, path }: GivenItem, media: InlineMedia): Promise<HistoryContent[]> {
  if (item.type !== 'message') {
    return [];
  }
  const { role, content } = item;
  if (typeof content === 'string') {
    return [role === 'assistant' ? { type: 'output_text', text: content } : { type: 'input_text', text: content }];
  }
  return Promise.all(
    content.map(async (part, index): Promise<HistoryContent> => {
      const at = `${path}.content[${String(index)}]`;
      const text = toSaid(part);
      if (text === undefined) {
        return media.toPart(part as Exclude<MessageContent, { type: 'output_text' | 'refusal' }>, at);
      }
      return role === 'assistant' ? { type: 'output_text', text } : { type: 'input_text', text };
    }),
  );
}

function toSaid(part: MessageContent): string | undefined {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return part.text;
    case 'refusal':
      return part.refusal;
    default:
      return undefined;
  }
}

function toParts(
  output: readonly Parameters<InlineMedia['toPart']>[0][],
  path: string,
  media: InlineMedia,
): Promise<Part[]> {
  return Promise.all(output.map((part, index) => media.toPart(part, `${path}[${String(index)}]`)));
}

/** What the model is told by this server. */
export function toDirection(text: string): HistoryItem {
  return { type: 'message', role: 'developer', content: [{ type: 'input_text', text }] };
}

/** The engine refuses a longer text as input, but not in its history. */
const MAX_INPUT_CHARS = 1_000_000;

export interface TurnStart {
  /** In the words of the native API. */
  input: readonly unknown[];
  injected: readonly HistoryItem[];
}

/** A user's last message becomes the input of the turn, which the thread shows; what stands before goes to the history. */
export function toTurnStart(history: readonly HistoryItem[]): TurnStart {
  const last = history.at(-1);
  if (last?.type !== 'message' || last.role !== 'user') {
    return { input: [], injected: history };
  }
  const input = last.content.map(toInputPart);
  const chars = last.content.reduce((sum, part) => sum + ('text' in part ? part.text.length : 0), 0);
  const isEmpty = chars === 0 && !last.content.some(({ type }) => type === 'input_image');
  return chars > MAX_INPUT_CHARS || isEmpty
    ? { input: [], injected: history }
    : { input, injected: history.slice(0, -1) };
}

function toInputPart(part: HistoryContent): unknown {
  return part.type === 'input_image'
    ? { type: 'image', url: part.image_url, ...(part.detail === undefined ? {} : { detail: part.detail }) }
    : { type: 'text', text: part.text };
}
