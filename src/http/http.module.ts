import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { type Logger } from 'pino';
import { BearerGuard } from './auth/bearer.guard.js';
import { Clock, SystemClock } from './auth/clock.js';
import { StreamTickets } from './auth/stream-tickets.js';
import { StreamTicketsController } from './auth/stream-tickets.controller.js';
import { IdempotencyDesk } from '../core/idempotency/idempotency-desk.js';
import { RequestGate } from './gate/request-gate.js';
import { Readiness } from './health/readiness.js';
import { HTTP_OPTIONS, type HttpOptions } from './http-options.js';
import { RequestValidationPipe } from './limits/request-validation.pipe.js';
import { IdempotencyGate } from './idempotency/idempotency-gate.js';
import { LOGGER } from './logging/logger.js';
import { ProblemFilter } from './problem/problem.filter.js';
import { ProblemWriter } from './problem/problem-writer.js';
import { SseInterceptor } from './sse/sse.interceptor.js';
import { SseStreams } from './sse/sse-streams.js';

/** What every request passes. Import it once, at the root; `configureHttp` puts its gate before the routes. */
@Module({})
export class HttpModule {
  static register(options: HttpOptions, logger: Logger, idempotency: IdempotencyDesk): DynamicModule {
    const shared = [HTTP_OPTIONS, LOGGER, Readiness, SseStreams, SseInterceptor, ProblemWriter, StreamTickets];
    return {
      module: HttpModule,
      global: true,
      controllers: [StreamTicketsController],
      providers: [
        { provide: HTTP_OPTIONS, useValue: options },
        { provide: LOGGER, useValue: logger },
        { provide: IdempotencyDesk, useValue: idempotency },
        { provide: Clock, useClass: SystemClock },
        { provide: StreamTickets, useFactory: (clock: Clock) => new StreamTickets(clock), inject: [Clock] },
        { provide: APP_GUARD, useClass: BearerGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: RequestValidationPipe },
        IdempotencyGate,
        ProblemWriter,
        Readiness,
        RequestGate,
        SseInterceptor,
        SseStreams,
      ],
      exports: shared,
    };
  }
}
