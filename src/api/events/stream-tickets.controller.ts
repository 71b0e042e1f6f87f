import { Body, Controller, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request } from 'express';
import { ServiceError } from '../../core/errors.js';
import { type View } from '../view.js';
import { CreateStreamTicketDto } from './stream-tickets.dto.js';
import { StreamTickets } from './stream-tickets.js';
import { StreamTicketDto, toStreamTicket } from './stream-tickets.views.js';
import { NeedsScope } from '../routing/route-metadata.js';

@ApiTags('events')
@Controller('api/v2/stream-tickets')
export class StreamTicketsController {
  readonly #tickets: StreamTickets;

  constructor(tickets: StreamTickets) {
    this.#tickets = tickets;
  }

  /** A ticket for an `EventSource`, which can't send the token in a header. */
  @ApiOperation({ summary: 'Get a ticket for an EventSource' })
  @ApiCreatedResponse({ type: StreamTicketDto })
  @NeedsScope('read')
  @Post()
  createStreamTicket(
    @Req() req: Request,
    @Body() { thread_id: threadId }: CreateStreamTicketDto,
  ): View<StreamTicketDto> {
    if (!req.caller) {
      throw new ServiceError('unauthorized', 'A ticket is issued for a token.');
    }
    return toStreamTicket(this.#tickets.issue(req.caller.id, threadId ?? null));
  }
}
