import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { type Request } from 'express';
import { requireCallerId } from '../../../http/auth/require-caller-id.js';
import { Idempotent } from '../../../http/idempotency/idempotent.js';
import { MaxBodyBytes } from '../../../http/routing/route-metadata.js';
import { OpenAiBody } from '../../openai/openai-body.js';
import { itemsQuery, type ItemsQuery } from '../schema/queries.js';
import { conversationItem, inputItemList, ref } from '../schema/response-resource.js';
import { ConversationService } from './conversation-service.js';
import {
  type AddItems,
  addItems,
  conversation,
  deletedConversation,
  type CreateConversation,
  createConversation,
  type UpdateConversation,
  updateConversation,
} from './conversation.schema.js';

const MAX_BODY_BYTES = 64 * 1024 * 1024;

@ApiTags('responses')
@Controller('v1/conversations')
export class ConversationsController {
  readonly #service: ConversationService;

  constructor(service: ConversationService) {
    this.#service = service;
  }

  /** Responses that name it in `conversation` go on from its last one. */
  @ApiOperation({ summary: 'Create a conversation' })
  @ApiBody({ schema: ref(createConversation) })
  @ApiOkResponse({ schema: ref(conversation) })
  @Post()
  @HttpCode(200)
  @Idempotent()
  @MaxBodyBytes(MAX_BODY_BYTES)
  async createConversation(
    @Body(new OpenAiBody(createConversation)) body: CreateConversation,
    @Req() req: Request,
  ): Promise<object> {
    return this.#service.create(body, requireCallerId(req));
  }

  @ApiOperation({ summary: 'Get a conversation' })
  @ApiOkResponse({ schema: ref(conversation) })
  @Get(':conversation_id')
  retrieveConversation(@Param('conversation_id') id: string, @Req() req: Request): object {
    return this.#service.retrieve(id, requireCallerId(req));
  }

  @ApiOperation({ summary: "Change a conversation's metadata" })
  @ApiBody({ schema: ref(updateConversation) })
  @ApiOkResponse({ schema: ref(conversation) })
  @Post(':conversation_id')
  @HttpCode(200)
  async updateConversation(
    @Param('conversation_id') id: string,
    @Body(new OpenAiBody(updateConversation)) body: UpdateConversation,
    @Req() req: Request,
  ): Promise<object> {
    return this.#service.update(id, body, requireCallerId(req));
  }

  /** Its responses and threads stay. */
  @ApiOperation({ summary: 'Delete a conversation' })
  @ApiOkResponse({ schema: ref(deletedConversation) })
  @Delete(':conversation_id')
  async deleteConversation(@Param('conversation_id') id: string, @Req() req: Request): Promise<object> {
    return this.#service.delete(id, requireCallerId(req));
  }

  /** All that was said in it. */
  @ApiOperation({ summary: "List a conversation's items" })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } })
  @ApiQuery({ name: 'order', required: false, schema: { type: 'string', enum: ['asc', 'desc'], default: 'desc' } })
  @ApiQuery({ name: 'after', required: false, schema: { type: 'string' } })
  @ApiOkResponse({ schema: ref(inputItemList) })
  @Get(':conversation_id/items')
  listConversationItems(
    @Param('conversation_id') id: string,
    @Query(new OpenAiBody(itemsQuery)) query: ItemsQuery,
    @Req() req: Request,
  ): object {
    return this.#service.items(id, query, requireCallerId(req));
  }

  /** The next response in it is told of them. */
  @ApiOperation({ summary: 'Add items to a conversation' })
  @ApiBody({ schema: ref(addItems) })
  @ApiOkResponse({ schema: ref(inputItemList) })
  @Post(':conversation_id/items')
  @HttpCode(200)
  @Idempotent()
  @MaxBodyBytes(MAX_BODY_BYTES)
  async createConversationItems(
    @Param('conversation_id') id: string,
    @Body(new OpenAiBody(addItems)) body: AddItems,
    @Req() req: Request,
  ): Promise<object> {
    return this.#service.addItems(id, body, requireCallerId(req));
  }

  @ApiOperation({ summary: 'Get an item of a conversation' })
  @ApiOkResponse({ schema: ref(conversationItem) })
  @Get(':conversation_id/items/:item_id')
  retrieveConversationItem(
    @Param('conversation_id') id: string,
    @Param('item_id') itemId: string,
    @Req() req: Request,
  ): object {
    return this.#service.item(id, itemId, requireCallerId(req));
  }

  /** One that no response has taken up; what was said in a response stays with that. */
  @ApiOperation({ summary: 'Delete an item of a conversation' })
  @ApiOkResponse({ schema: ref(conversation) })
  @Delete(':conversation_id/items/:item_id')
  async deleteConversationItem(
    @Param('conversation_id') id: string,
    @Param('item_id') itemId: string,
    @Req() req: Request,
  ): Promise<object> {
    return this.#service.deleteItem(id, itemId, requireCallerId(req));
  }
}
