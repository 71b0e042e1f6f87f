import { Module } from '@nestjs/common';
import { EventFeed } from './event-feed.js';
import { EventsController } from './events.controller.js';
import { StreamOpening } from './stream-opening.js';

@Module({ controllers: [EventsController], providers: [EventFeed, StreamOpening] })
export class EventsModule {}
