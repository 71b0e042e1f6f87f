import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { EventAnswerInterceptor } from './event-answer.interceptor.js';

/** The method may return an `EventAnswer`, at once or in a promise; anything else it returns is the body, as always. */
export const AnswersWithEvents = (): MethodDecorator => applyDecorators(UseInterceptors(EventAnswerInterceptor));
