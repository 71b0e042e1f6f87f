import { z } from 'zod';
import { metadata } from '../schema/create-response.js';
import { inputItem } from '../schema/items.js';

export const createConversation = z
  .strictObject({ items: z.array(inputItem).max(20).nullish(), metadata: metadata.nullish() })
  .meta({ id: 'CreateConversation', description: 'What a conversation begins with.' });
export type CreateConversation = z.infer<typeof createConversation>;

export const updateConversation = z
  .strictObject({ metadata: metadata.nullable() })
  .meta({ id: 'UpdateConversation', description: 'The metadata as a whole.' });
export type UpdateConversation = z.infer<typeof updateConversation>;

export const addItems = z
  .strictObject({ items: z.array(inputItem).min(1).max(20) })
  .meta({ id: 'ConversationNewItems', description: 'What is to be said next in a conversation.' });
export type AddItems = z.infer<typeof addItems>;

export const conversation = z
  .object({
    id: z.string(),
    object: z.literal('conversation'),
    created_at: z.int(),
    metadata: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Conversation', description: 'Responses that continue each other.' });

export const deletedConversation = z
  .object({ id: z.string(), object: z.literal('conversation.deleted'), deleted: z.literal(true) })
  .meta({ id: 'ConversationDeleted', description: 'The conversation is no more.' });
