import { Module } from '@nestjs/common';
import { EventFeed } from './event-feed.js';
import { EventsController } from './events.controller.js';

@Module({ controllers: [EventsController], providers: [EventFeed] })
export class EventsModule {}
