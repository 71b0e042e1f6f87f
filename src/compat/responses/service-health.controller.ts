import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiSchema, ApiTags } from '@nestjs/swagger';
import { Public } from '../../http/routing/route-metadata.js';
import { type View } from '../../http/view.js';

@ApiSchema({ description: 'That the service answers.' })
export class ServiceHealthDto {
  @ApiProperty({ enum: ['healthy'] })
  status!: string;

  @ApiProperty({ enum: ['codex-http-server'] })
  service!: string;
}

@ApiTags('responses')
@Controller('health')
export class ServiceHealthController {
  /** As the first server of this kind had it, POST and all. */
  @ApiOperation({ summary: 'Tell that the service answers' })
  @ApiOkResponse({ type: ServiceHealthDto })
  @Post()
  @HttpCode(200)
  @Public()
  checkServiceHealth(): View<ServiceHealthDto> {
    return { status: 'healthy', service: 'codex-http-server' };
  }
}
