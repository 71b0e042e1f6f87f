import { Module } from '@nestjs/common';
import { ErrorShapes } from '../../http/dialects/error-shapes.js';
import { MESSAGES_SHAPE } from './errors.js';
import { MessagesController } from './messages.controller.js';
import { SessionAnswers } from './session-answers.js';
import { SessionEdits } from './session-edits.js';
import { SessionFinder } from './session-finder.js';
import { SessionRuns } from './session-runs.js';
import { Sessions } from './sessions.js';

@Module({
  controllers: [MessagesController],
  providers: [SessionFinder, SessionRuns, Sessions, SessionEdits, SessionAnswers],
})
export class MessagesModule {
  constructor(shapes: ErrorShapes) {
    shapes.register(MESSAGES_SHAPE);
  }
}
