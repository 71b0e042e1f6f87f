import { type Payload } from '../../../core/engine/engine.js';
import { OpenAiFault } from '../../openai/errors.js';
import { toItemPage } from '../from-core/item-page.js';
import { toChain } from '../runs/response-context.js';
import { type ItemsQuery } from '../schema/queries.js';
import { type Item } from '../store/response-record.js';
import { outputOf, type ResponseStore } from '../store/response-store.js';
import { invalid } from '../to-core/check-create.js';
import { toGivenItems, toOwnItems } from '../to-core/own-items.js';
import { newId } from '../to-core/response-head.js';
import { type AddItems, type CreateConversation, type UpdateConversation } from './conversation.schema.js';
import { type ConversationRecord, type ConversationStore } from './conversation-store.js';

export interface ConversationServicePorts {
  conversations: ConversationStore;
  store: ResponseStore;
}

/** As many as a request may have. */
const MAX_ITEMS = 10_000;

/** What can be done with conversations. Throws 404 for one that is another caller's. */
export class ConversationService {
  constructor(private readonly ports: ConversationServicePorts) {}

  async create({ items, metadata }: CreateConversation, callerId: string): Promise<Payload> {
    const given = toGivenItems(items ?? [], (id) => this.ports.store.findItem(id, callerId));
    const record: ConversationRecord = {
      conversationId: newId('conv'),
      callerId,
      createdAt: new Date().toISOString(),
      metadata: metadata ?? {},
      items: toOwnItems(given),
      lastResponseId: null,
    };
    await this.ports.conversations.put(record);
    return toResource(record);
  }

  retrieve(conversationId: string, callerId: string): Payload {
    return toResource(this.#require(conversationId, callerId));
  }

  async update(conversationId: string, { metadata }: UpdateConversation, callerId: string): Promise<Payload> {
    return toResource(await this.#change(conversationId, callerId, () => ({ metadata: metadata ?? {} })));
  }

  async delete(conversationId: string, callerId: string): Promise<Payload> {
    this.#require(conversationId, callerId);
    await this.ports.conversations.delete(conversationId);
    return { id: conversationId, object: 'conversation.deleted', deleted: true };
  }

  items(conversationId: string, query: ItemsQuery, callerId: string): Payload {
    return toItemPage(this.#itemsOf(this.#require(conversationId, callerId)), query);
  }

  /** What the next response in it finds after all that was said. */
  async addItems(conversationId: string, { items }: AddItems, callerId: string): Promise<Payload> {
    const added = toOwnItems(toGivenItems(items, (id) => this.ports.store.findItem(id, callerId)));
    await this.#change(conversationId, callerId, (record) => {
      if (record.items.length + added.length > MAX_ITEMS) {
        const message = `A conversation can hold ${String(MAX_ITEMS)} items that no response has taken up.`;
        throw invalid(message, 'invalid_value', 'items');
      }
      return { items: [...record.items, ...added] };
    });
    return toItemPage(added, { order: 'asc', limit: added.length });
  }

  item(conversationId: string, itemId: string, callerId: string): Payload {
    const item = this.#itemsOf(this.#require(conversationId, callerId)).find(({ id }) => id === itemId);
    if (!item) {
      throw notFound(itemId);
    }
    return item;
  }

  /** What a response was made with, or said, is in its thread for good. */
  async deleteItem(conversationId: string, itemId: string, callerId: string): Promise<Payload> {
    this.item(conversationId, itemId, callerId);
    const changed = await this.#change(conversationId, callerId, ({ items }) => {
      if (!items.some(({ id }) => id === itemId)) {
        throw invalid(`Item with id '${itemId}' is part of a response.`, 'item_not_deletable', 'item_id');
      }
      return { items: items.filter(({ id }) => id !== itemId) };
    });
    return toResource(changed);
  }

  #itemsOf({ items, lastResponseId, callerId }: ConversationRecord): Item[] {
    const last = lastResponseId === null ? undefined : this.ports.store.find(lastResponseId, callerId);
    const chain = last ? toChain(last, this.ports.store) : [];
    return [...chain.flatMap((one) => [...one.input, ...outputOf(one)]), ...items];
  }

  async #change(
    conversationId: string,
    callerId: string,
    toFields: (record: ConversationRecord) => Partial<ConversationRecord>,
  ): Promise<ConversationRecord> {
    const before = this.#require(conversationId, callerId);
    const usedAt = new Date().toISOString();
    const { conversations } = this.ports;
    const changed = await conversations.change(conversationId, (now) => ({ ...now, ...toFields(now), usedAt }));
    return changed ?? this.#require(before.conversationId, callerId);
  }

  #require(conversationId: string, callerId: string): ConversationRecord {
    const record = this.ports.conversations.find(conversationId, callerId);
    if (!record) {
      throw new OpenAiFault('not_found', `Conversation with id '${conversationId}' not found.`, {
        openAiCode: 'conversation_not_found',
        param: 'conversation_id',
      });
    }
    return record;
  }
}

function notFound(itemId: string): OpenAiFault {
  const message = `Item with id '${itemId}' not found.`;
  return new OpenAiFault('not_found', message, { openAiCode: 'item_not_found', param: 'item_id' });
}

function toResource({ conversationId, createdAt, metadata }: ConversationRecord): Payload {
  return {
    id: conversationId,
    object: 'conversation',
    created_at: Math.floor(Date.parse(createdAt) / 1000),
    metadata,
  };
}
