import { type Payload } from '../../../core/engine/engine.js';
import { OpenAiFault } from '../../openai/errors.js';
import { toItemPage } from '../from-core/item-page.js';
import { toChain } from '../runs/response-context.js';
import { type ItemsQuery } from '../schema/queries.js';
import { outputOf, type ResponseStore } from '../store/response-store.js';
import { toGivenItems, toOwnItems } from '../to-core/own-items.js';
import { newId } from '../to-core/response-head.js';
import { type CreateConversation, type UpdateConversation } from './conversation.schema.js';
import { type ConversationRecord, type ConversationStore } from './conversation-store.js';

export interface ConversationDeskPorts {
  conversations: ConversationStore;
  store: ResponseStore;
}

/** What can be done with conversations. Throws 404 for one that is another caller's. */
export class ConversationDesk {
  constructor(private readonly ports: ConversationDeskPorts) {}

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
    const record = { ...this.#require(conversationId, callerId), metadata: metadata ?? {} };
    await this.ports.conversations.put(record);
    return toResource(record);
  }

  async delete(conversationId: string, callerId: string): Promise<Payload> {
    this.#require(conversationId, callerId);
    await this.ports.conversations.delete(conversationId);
    return { id: conversationId, object: 'conversation.deleted', deleted: true };
  }

  items(conversationId: string, query: ItemsQuery, callerId: string): Payload {
    const { items, lastResponseId } = this.#require(conversationId, callerId);
    const last = lastResponseId === null ? undefined : this.ports.store.find(lastResponseId, callerId);
    const chain = last ? toChain(last, this.ports.store) : [];
    return toItemPage([...chain.flatMap((one) => [...one.input, ...outputOf(one)]), ...items], query);
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

function toResource({ conversationId, createdAt, metadata }: ConversationRecord): Payload {
  return {
    id: conversationId,
    object: 'conversation',
    created_at: Math.floor(Date.parse(createdAt) / 1000),
    metadata,
  };
}
