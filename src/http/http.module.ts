import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { type Logger } from 'pino';
import { BearerAuthenticator } from './auth/bearer.js';
import { BearerGuard } from './auth/bearer.guard.js';
import { Clock, SystemClock } from './auth/clock.js';
import { MainTokenHolder } from './auth/main-token.js';
import { NamedTokens } from './auth/named-tokens.js';
import { Revocations } from './auth/revocations.js';
import { toServerCeiling } from './auth/to-ceiling.js';
import { StreamTickets } from './auth/stream-tickets.js';
import { IdempotencyService } from '../core/idempotency/idempotency-service.js';
import { ErrorShapes } from './dialects/error-shapes.js';
import { RequestGate } from './gate/request-gate.js';
import { WriteGuard } from './gate/write.guard.js';
import { Readiness } from './health/readiness.js';
import { HTTP_OPTIONS, type HttpOptions } from './http-options.js';
import { BodyFieldsGuard } from './limits/body-fields.guard.js';
import { BufferBudget } from './limits/buffer-budget.js';
import { RateLimits } from './limits/rate-limits.js';
import { RequestValidationPipe } from './limits/request-validation.pipe.js';
import { StreamSlots } from './limits/stream-slots.js';
import { KeyedAnswers } from './idempotency/keyed-answers.js';
import { LOGGER } from './logging/logger.js';
import { PinoLog } from './logging/pino-log.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { Metrics } from './metrics/metrics.js';
import { RequestObserver } from './observe/request-observer.js';
import { ProblemFilter } from './problem/problem.filter.js';
import { ProblemWriter } from './problem/problem-writer.js';
import { EventStreamInterceptor } from './sse/event-stream.interceptor.js';
import { SseStreams } from './sse/sse-streams.js';

/** What every request passes. Import it once, at the root; `configureHttp` puts its gate before the routes. */
@Module({})
export class HttpModule {
  static register(options: HttpOptions, logger: Logger, idempotency: IdempotencyService): DynamicModule {
    const metrics = options.metrics ?? new Metrics(new PinoLog(logger));
    const shared = [
      ...[HTTP_OPTIONS, LOGGER, Readiness, SseStreams, EventStreamInterceptor],
      ...[ErrorShapes, ProblemWriter, Revocations, StreamTickets, StreamSlots, BearerAuthenticator],
      ...[BufferBudget, RateLimits],
    ];
    return {
      module: HttpModule,
      global: true,
      controllers: [MetricsController],
      providers: [
        { provide: HTTP_OPTIONS, useValue: options },
        { provide: LOGGER, useValue: logger },
        { provide: IdempotencyService, useValue: idempotency },
        { provide: Clock, useClass: SystemClock },
        { provide: Metrics, useValue: metrics },
        { provide: StreamSlots, useValue: new StreamSlots(options.settings) },
        { provide: BufferBudget, useValue: new BufferBudget(options.settings) },
        { provide: RateLimits, useValue: new RateLimits(options.settings) },
        { provide: StreamTickets, useFactory: (clock: Clock) => new StreamTickets(clock), inject: [Clock] },
        ...tokenProviders(options, logger),
        { provide: APP_GUARD, useClass: BearerGuard },
        { provide: APP_GUARD, useClass: WriteGuard },
        { provide: APP_GUARD, useClass: BodyFieldsGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: RequestValidationPipe },
        ErrorShapes,
        EventStreamInterceptor,
        KeyedAnswers,
        ProblemWriter,
        Readiness,
        RequestGate,
        RequestObserver,
        Revocations,
        SseStreams,
      ],
      exports: shared,
    };
  }
}

/** Who the tokens stand for, and what ends with one that is revoked. */
function tokenProviders({ settings }: HttpOptions, logger: Logger): FactoryProvider[] {
  const { dataDir, authToken } = settings;
  const toRevocation =
    (revocations: Revocations) =>
    (callerId: string): void => {
      revocations.revoke(callerId);
    };
  return [
    {
      provide: NamedTokens,
      inject: [Revocations],
      useFactory: (revocations: Revocations) =>
        new NamedTokens(dataDir, logger, toServerCeiling(settings), toRevocation(revocations)),
    },
    {
      provide: MainTokenHolder,
      inject: [Revocations],
      useFactory: (revocations: Revocations) =>
        new MainTokenHolder(authToken, { dataDir, logger, onRevoked: toRevocation(revocations) }),
    },
    {
      provide: BearerAuthenticator,
      inject: [MainTokenHolder, NamedTokens],
      useFactory: (main: MainTokenHolder, named: NamedTokens) => new BearerAuthenticator(main, named),
    },
  ];
}
