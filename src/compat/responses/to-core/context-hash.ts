import { createHash } from 'node:crypto';
import { type Item } from '../store/response-record.js';
import { isCall, isCallOutput, toOutputCallId, toPlainCall } from './call-items.js';

/**
 * What a conversation comes to after each of its items, as a hash: callers who send the whole of it again are known by
 * it, whatever ids and other details they leave out. `start` is the hash of what came before.
 */
export function toContextHashes(items: readonly Item[], start = ''): string[] {
  let hash = start;
  return items.map((item) => {
    const meaning = toMeaning(item);
    hash = meaning === undefined ? hash : createHash('sha256').update(hash).update(meaning).digest('base64url');
    return hash;
  });
}

function toMeaning(item: Item): string | undefined {
  switch (item.type) {
    case 'message':
      return JSON.stringify(['message', item.role === 'system' ? 'developer' : item.role, toParts(item.content)]);
    case 'compaction':
      return JSON.stringify(['compaction', item.encrypted_content]);
    default:
      return toCallMeaning(item);
  }
}

function toCallMeaning(item: Item): string | undefined {
  if (isCall(item)) {
    const call = toPlainCall(item);
    return JSON.stringify(['call', call.call_id, call.name, call.arguments]);
  }
  return isCallOutput(item) ? JSON.stringify(['output', toOutputCallId(item), toParts(item.output)]) : undefined;
}

function toParts(content: unknown): unknown[] {
  if (!Array.isArray(content)) {
    return [content];
  }
  return (content as Readonly<Record<string, unknown>>[]).map(
    ({ text, refusal, image_url: image, file_id: fileId, file_data: data, file_url: url }) =>
      text ?? refusal ?? image ?? fileId ?? data ?? url ?? null,
  );
}
