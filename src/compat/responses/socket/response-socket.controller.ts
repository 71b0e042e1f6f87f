import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Request, type Response } from 'express';
import { NeedsScope } from '../../../http/routing/route-metadata.js';
import { ResponseSockets } from './response-sockets.js';

@ApiTags('responses')
@Controller('v1/responses')
export class ResponseSocketController {
  readonly #sockets: ResponseSockets;

  constructor(sockets: ResponseSockets) {
    this.#sockets = sockets;
  }

  /** Each frame `{"type": "response.create", …}` is answered with the events of its response, one frame each. */
  @ApiOperation({ summary: 'Create responses over a WebSocket' })
  @ApiResponse({ status: 101, description: 'The connection is a WebSocket now.' })
  @Get()
  @NeedsScope('write')
  openResponseSocket(@Req() req: Request, @Res() res: Response): void {
    this.#sockets.accept(req, res);
  }
}
