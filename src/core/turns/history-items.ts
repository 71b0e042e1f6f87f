import { type ToolContent } from '../approvals/approval-answer.js';
import { type Payload } from '../engine/payload.js';
import { toEngineToolName } from './caller-tools.js';

export type ImageDetail = 'auto' | 'low' | 'high' | 'original';

export type HistoryContent =
  | { type: 'input_text'; text: string }
  | { type: 'output_text'; text: string }
  /** A data URL: the engine takes no links. */
  | { type: 'input_image'; image_url: string; detail?: ImageDetail };

/** What a tool gave: text, or parts. */
export type ToolOutput = string | readonly Exclude<HistoryContent, { type: 'output_text' }>[];

/** One item of a conversation that the model is to find in its history: the items of the Responses API. */
export type HistoryItem =
  | { type: 'message'; role: 'system' | 'developer' | 'user' | 'assistant'; content: readonly HistoryContent[] }
  | { type: 'function_call'; call_id: string; name: string; arguments: string }
  | { type: 'function_call_output'; call_id: string; output: ToolOutput }
  | { type: 'reasoning'; summary: readonly Payload[]; encrypted_content: string | null }
  | { type: 'compaction'; encrypted_content: string };

/** The same as the engine takes it: it drops messages of the role `system` without a word. */
export function toEngineHistory(items: readonly HistoryItem[]): Payload[] {
  return items.map((item) => {
    if (item.type === 'message' && item.role === 'system') {
      return { ...item, role: 'developer' };
    }
    return item.type === 'function_call' ? { ...item, name: toEngineToolName(item.name) } : { ...item };
  });
}

/** The same output as the answer to a call that the engine waits for. */
export function toToolContent(output: ToolOutput): ToolContent[] {
  if (typeof output === 'string') {
    return [{ type: 'text', text: output }];
  }
  return output.map((part) =>
    part.type === 'input_text' ? { type: 'text', text: part.text } : { type: 'image', image_url: part.image_url },
  );
}
