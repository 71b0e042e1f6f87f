import { Module } from '@nestjs/common';
import { EventFeed } from './event-feed.js';
import { EventsController } from './events.controller.js';
import { StreamOpening } from './stream-opening.js';
import { StreamTicketsController } from './stream-tickets.controller.js';

@Module({ controllers: [EventsController, StreamTicketsController], providers: [EventFeed, StreamOpening] })
export class EventsModule {}
