import { createHash } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { type Request, type Response } from 'express';
import { requireAuthority } from '../../http/auth/require-authority.js';
import { requireCallerId } from '../../http/auth/require-caller-id.js';
import { findOperationId } from '../../http/idempotency/keyed-answers.js';
import { Idempotent } from '../../http/idempotency/idempotent.js';
import { MaxBodyBytes } from '../../http/routing/route-metadata.js';
import { MayStream } from '../../http/sse/sse.js';
import { type EventStream } from '../../http/sse/event-stream.js';
import { HttpExchange } from '../openai/http-exchange.js';
import { IGNORED_HEADERS } from '../openai/ignored-parameters.js';
import { OpenAiBody } from '../openai/openai-body.js';
import { RequestReader } from '../openai/request-reader.js';
import { toEventStream } from './from-core/event-stream.js';
import { Compactor } from './runs/compactor.js';
import { ResponseService } from './runs/response-service.js';
import { compactResponse, type CreateResponse, createResponse } from './schema/create-response.js';
import { itemsQuery, type ItemsQuery, retrieveQuery, type RetrieveQuery } from './schema/queries.js';
import {
  compactionResource,
  deletedResponse,
  inputItemList,
  ref,
  responseResource,
  streamEvent,
} from './schema/response-resource.js';
import { type ResponseRecord } from './store/response-record.js';
import { HTTP_SCOPE } from './store/response-store.js';
import { parseMode } from './to-core/agent-choices.js';
import { COMPACT_FORM, CREATE_FORM } from './to-core/request-forms.js';

/** Images come within the body. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const ANSWER = {
  content: {
    'application/json': { schema: ref(responseResource) },
    'text/event-stream': { schema: ref(streamEvent) },
  },
};

@ApiTags('responses')
@Controller('v1/responses')
export class ResponsesController {
  readonly #service: ResponseService;
  readonly #compactor: Compactor;
  readonly #reader: RequestReader;

  constructor(service: ResponseService, compactor: Compactor, reader: RequestReader) {
    this.#service = service;
    this.#compactor = compactor;
    this.#reader = reader;
  }

  /** With `stream`, events; with `background`, at once, and it is made meanwhile. A client that goes away stops nothing. */
  @ApiOperation({ summary: 'Create a response' })
  @ApiBody({ schema: ref(createResponse) })
  @ApiHeader({ name: 'X-Codex-Mode', required: false, schema: { type: 'string', enum: ['agent', 'model'] } })
  @ApiHeader({ name: 'X-Codex-Events', required: false, schema: { type: 'string', enum: ['1'] } })
  @ApiOkResponse({ ...ANSWER, headers: IGNORED_HEADERS })
  @Post()
  @HttpCode(200)
  @Idempotent()
  @MaxBodyBytes(MAX_BODY_BYTES)
  @MayStream()
  async createResponse(@Body() given: unknown, @HttpExchange() { req, res, sink }: HttpExchange): Promise<object> {
    const callerId = requireCallerId(req);
    const body = this.#reader.read(CREATE_FORM, given, res);
    const responseId = toResponseId(req, body);
    const known = responseId === undefined ? undefined : this.#service.find(responseId, callerId);
    const run =
      known ??
      (await this.#service.make({
        body,
        mode: parseMode(req.headers['x-codex-mode']),
        hasCodexItems: req.headers['x-codex-events'] === '1',
        asker: { callerId, scope: HTTP_SCOPE },
        ceiling: requireAuthority(req).ceiling,
        ...(responseId === undefined ? {} : { responseId }),
      }));
    setThreadHeaders(res, run.record);
    if (body.stream === true) {
      return toEventStream(this.#service.eventsOf(run, -1, sink));
    }
    return body.background === true ? this.#service.begunOf(run) : this.#service.whenOver(run);
  }

  /** The whole conversation in one item that takes its place as the input of further requests. */
  @ApiOperation({ summary: 'Sum a conversation up' })
  @ApiBody({ schema: ref(compactResponse) })
  @ApiOkResponse({ schema: ref(compactionResource), headers: IGNORED_HEADERS })
  @Post('compact')
  @HttpCode(200)
  @Idempotent()
  @MaxBodyBytes(MAX_BODY_BYTES)
  async compactResponse(@Body() given: unknown, @HttpExchange() { req, res }: HttpExchange): Promise<object> {
    const body = this.#reader.read(COMPACT_FORM, given, res);
    const asker = { callerId: requireCallerId(req), scope: HTTP_SCOPE };
    return this.#compactor.compact(body, asker, requireAuthority(req).ceiling);
  }

  /** With `stream=true`, its events after `starting_after` again, as they were. */
  @ApiOperation({ summary: 'Get a response' })
  @ApiQuery({ name: 'stream', required: false, schema: { type: 'boolean' } })
  @ApiQuery({ name: 'starting_after', required: false, schema: { type: 'integer', minimum: 0 } })
  @ApiQuery({ name: 'include', required: false, schema: { type: 'array', items: { type: 'string' } } })
  @ApiOkResponse(ANSWER)
  @Get(':response_id')
  @MayStream()
  retrieveResponse(
    @Param('response_id') responseId: string,
    @Query(new OpenAiBody(retrieveQuery)) query: RetrieveQuery,
    @HttpExchange() { req, res, sink }: HttpExchange,
  ): EventStream | object {
    const callerId = requireCallerId(req);
    const { record, resource } = this.#service.retrieve(responseId, callerId);
    setThreadHeaders(res, record);
    const { stream: isStream = false, starting_after: after = -1 } = query;
    return isStream ? toEventStream(this.#service.events(responseId, callerId, after, sink)) : resource;
  }

  /** Its thread stays. */
  @ApiOperation({ summary: 'Delete a response' })
  @ApiOkResponse({ schema: ref(deletedResponse) })
  @Delete(':response_id')
  async deleteResponse(@Param('response_id') responseId: string, @Req() req: Request): Promise<object> {
    await this.#service.delete(responseId, requireCallerId(req));
    return { id: responseId, object: 'response', deleted: true };
  }

  /** One that was made with `background`; its turn is interrupted. */
  @ApiOperation({ summary: 'Cancel a response' })
  @ApiOkResponse({ schema: ref(responseResource) })
  @Post(':response_id/cancel')
  @HttpCode(200)
  async cancelResponse(@Param('response_id') responseId: string, @Req() req: Request): Promise<object> {
    return this.#service.cancel(responseId, requireCallerId(req));
  }

  /** What the request itself said, without what it continued. */
  @ApiOperation({ summary: "List a response's input items" })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } })
  @ApiQuery({ name: 'order', required: false, schema: { type: 'string', enum: ['asc', 'desc'], default: 'desc' } })
  @ApiQuery({ name: 'after', required: false, schema: { type: 'string' } })
  @ApiQuery({ name: 'before', required: false, schema: { type: 'string' } })
  @ApiOkResponse({ schema: ref(inputItemList) })
  @Get(':response_id/input_items')
  listResponseInputItems(
    @Param('response_id') responseId: string,
    @Query(new OpenAiBody(itemsQuery)) query: ItemsQuery,
    @Req() req: Request,
  ): object {
    return this.#service.inputItems(responseId, requireCallerId(req), query);
  }
}

/** Under a key, the same request makes the same response; streams are not kept by the gate, so that it is told again. */
function toResponseId(req: Request, body: CreateResponse): string | undefined {
  const key = req.headers['idempotency-key'];
  if (typeof key === 'string' && body.stream === true) {
    const digest = createHash('sha256')
      .update(JSON.stringify([requireCallerId(req), key, body]))
      .digest('hex');
    return `resp_${digest.slice(0, 32)}`;
  }
  const operationId = findOperationId(req);
  return operationId === undefined ? undefined : `resp_${operationId.replaceAll('-', '')}`;
}

/** Where the native API shows what is being done. */
function setThreadHeaders(res: Response, { threadId, turnId }: ResponseRecord): void {
  if (threadId !== null && turnId !== null) {
    res.setHeader('X-Codex-Thread-Id', threadId);
    res.setHeader('X-Codex-Turn-Id', turnId);
  }
}
