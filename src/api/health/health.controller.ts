import { Controller, Get, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { Readiness } from '../../http/health/readiness.js';
import { HTTP_OPTIONS, type HttpOptions } from '../../http/http-options.js';
import { IgnoresBody, Public } from '../../http/routing/route-metadata.js';
import { LoginWatch } from './login-watch.js';
import { type View } from '../../http/view.js';
import {
  HealthDto,
  LivenessDto,
  ReadinessDto,
  ServiceHealthDto,
  ServiceStateDto,
  toLiveness,
  toReadiness,
  toServiceState,
} from './health.views.js';

@ApiTags('health')
@Public()
@Controller()
export class HealthController {
  readonly #health: View<HealthDto>;
  readonly #readiness: Readiness;
  readonly #login: LoginWatch;

  constructor(@Inject(HTTP_OPTIONS) { settings }: HttpOptions, readiness: Readiness, login: LoginWatch) {
    this.#health = { status: settings.healthStatus };
    this.#readiness = readiness;
    this.#login = login;
  }

  /** Asks neither the engine nor the storage. */
  @ApiOperation({ summary: 'Whether the server answers' })
  @ApiOkResponse({ type: HealthDto })
  @Get('health')
  getHealth(): View<HealthDto> {
    return this.#health;
  }

  /** The same as `GET /health`; any body is ignored. */
  @ApiOperation({ summary: 'Whether the server answers, for older clients' })
  @ApiOkResponse({ type: ServiceHealthDto })
  @HttpCode(200)
  @IgnoresBody()
  @Post('health')
  postHealth(): View<ServiceHealthDto> {
    return { status: 'healthy', service: 'codex-http-server' };
  }

  /** For monitors and for people: also says how to log in while nobody has. Answers while the engine is away, too. */
  @ApiOperation({ summary: 'Whether the process lives, and whether Codex is logged in' })
  @ApiOkResponse({ type: ServiceStateDto })
  @Get('healthz')
  async getHealthz(): Promise<View<ServiceStateDto>> {
    return toServiceState(process.uptime(), await this.#login.read());
  }

  /** For a liveness probe: restart the process when this does not answer. */
  @ApiOperation({ summary: 'Whether the process lives' })
  @ApiOkResponse({ type: LivenessDto })
  @Get('livez')
  getLivez(): View<LivenessDto> {
    return toLiveness(process.uptime());
  }

  /** For a readiness probe: 503 while the engine starts or is away, the storage fails, or the server shuts down. */
  @ApiOperation({ summary: 'Whether the engine and the storage are ready for work' })
  @ApiOkResponse({ type: ReadinessDto })
  @ApiServiceUnavailableResponse({ type: ReadinessDto, description: 'Not ready; says what is missing.' })
  @Get('readyz')
  getReadyz(@Res({ passthrough: true }) res: Response): View<ReadinessDto> {
    const report = this.#readiness.report();
    res.status(report.isReady ? 200 : 503);
    return toReadiness(report);
  }
}
