import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { Metrics } from './metrics.js';

@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  readonly #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** docs/operations.md explains each figure, and what of it is normal. They hold no content and no ids. */
  @ApiOperation({ summary: 'Figures of this process in the text format of Prometheus' })
  @ApiProduces('text/plain')
  @ApiOkResponse({
    description: 'Prometheus text format, version 0.0.4.',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  @Get()
  async getMetrics(@Res({ passthrough: true }) res: Response): Promise<string> {
    const text = await this.#metrics.toText();
    res.setHeader('Content-Type', this.#metrics.contentType);
    return text;
  }
}
