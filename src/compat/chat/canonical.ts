import { type HistoryItem } from '../../core/turns/history-items.js';

/**
 * The same text for the same message, however a client writes it down: some trim texts, write arguments anew, or turn a
 * list of one text into that text.
 */
export function toCanonicalText(items: readonly HistoryItem[]): string {
  return JSON.stringify(items.map(toCanonical));
}

function toCanonical(item: HistoryItem): unknown {
  switch (item.type) {
    case 'message': {
      const texts = item.content.flatMap((part) => (part.type === 'input_image' ? [] : [part.text]));
      const hasImages = texts.length < item.content.length;
      return [item.role, hasImages ? item.content : texts.join('\n').trim()];
    }
    case 'function_call':
      return ['call', item.call_id, item.name, toSorted(item.arguments)];
    case 'function_call_output':
      return ['output', item.call_id, item.output];
    case 'reasoning':
    case 'compaction':
      return item;
  }
}

function toSorted(json: string): unknown {
  try {
    return sorted(JSON.parse(json));
  } catch {
    return json;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).map(([key, part]) => [key, sorted(part)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
