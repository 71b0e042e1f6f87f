import { type HistoryItem } from '../../../core/turns/history-items.js';
import { type ResponseRecord } from '../store/response-record.js';
import { outputOf, type ResponseStore } from '../store/response-store.js';
import { toHistory, type Unseal } from '../to-core/history.js';
import { type InlineMedia } from '../to-core/inline-media.js';
import { type GivenItem, toGivenItems } from '../to-core/own-items.js';

/** A longer chain than this is cut at its beginning: something is wrong with it. */
const MAX_CHAIN = 10_000;

/** Input and output of a response and of all those before it, oldest first. */
export function toChain(record: ResponseRecord, store: ResponseStore): ResponseRecord[] {
  const chain: ResponseRecord[] = [];
  let at: ResponseRecord | undefined = record;
  while (at && chain.length < MAX_CHAIN) {
    chain.push(at);
    at = store.findParent(at);
  }
  return chain.reverse();
}

/** What the conversation came to with this response, as a model is to find it in its history. */
export async function toContext(
  record: ResponseRecord,
  store: ResponseStore,
  media: InlineMedia,
  unseal: Unseal,
): Promise<HistoryItem[]> {
  const items = toChain(record, store).flatMap((one) => [...one.input, ...outputOf(one)]);
  const given = toGivenItems(items as unknown as Parameters<typeof toGivenItems>[0], () => undefined);
  return toHistory(
    given.map(({ item }): GivenItem => ({ item, path: 'previous_response_id' })),
    media,
    unseal,
  );
}
