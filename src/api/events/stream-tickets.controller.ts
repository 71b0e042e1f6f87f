import { Body, Controller, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request } from 'express';
import { ThreadDirectory } from '../../core/threads/thread-directory.js';
import { requireCallerId } from '../../http/auth/require-caller-id.js';
import { StreamTickets } from '../../http/auth/stream-tickets.js';
import { NeedsScope } from '../../http/routing/route-metadata.js';
import { type View } from '../../http/view.js';
import { CreateStreamTicketDto } from './stream-tickets.dto.js';
import { StreamTicketDto, toStreamTicket } from './stream-tickets.views.js';

@ApiTags('events')
@Controller('api/v2/stream-tickets')
export class StreamTicketsController {
  constructor(
    private readonly tickets: StreamTickets,
    private readonly directory: ThreadDirectory,
  ) {}

  /** A ticket for an `EventSource`, which can't send the token in a header. 404 for a thread that is not there. */
  @ApiOperation({ summary: 'Get a ticket for an EventSource' })
  @ApiCreatedResponse({ type: StreamTicketDto })
  @NeedsScope('read')
  @Post()
  async createStreamTicket(
    @Req() req: Request,
    @Body() { thread_id: threadId }: CreateStreamTicketDto,
  ): Promise<View<StreamTicketDto>> {
    // An EventSource could not see why its stream then fails.
    if (threadId !== undefined) {
      await this.directory.require(threadId);
    }
    return toStreamTicket(this.tickets.issue(requireCallerId(req), threadId ?? null));
  }
}
