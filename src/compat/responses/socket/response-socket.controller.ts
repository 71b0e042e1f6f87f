import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import { type Request, type Response } from 'express';
import { AcceptsWebSocket, NeedsScope } from '../../../http/routing/route-metadata.js';
import { ResponseSockets } from './response-sockets.js';

@Controller('v1/responses')
export class ResponseSocketController {
  readonly #sockets: ResponseSockets;

  constructor(sockets: ResponseSockets) {
    this.#sockets = sockets;
  }

  /** Each frame `{"type": "response.create", …}` is answered with the events of its response. OpenAPI has no words for it. */
  @ApiExcludeEndpoint()
  @Get()
  @NeedsScope('write')
  @AcceptsWebSocket()
  openResponseSocket(@Req() req: Request, @Res() res: Response): void {
    this.#sockets.accept(req, res);
  }
}
