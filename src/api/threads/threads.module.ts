import { Module } from '@nestjs/common';
import { ThreadOptionsPolicy } from './thread-options-policy.js';
import { ThreadsController } from './threads.controller.js';

@Module({ controllers: [ThreadsController], providers: [ThreadOptionsPolicy] })
export class ThreadsModule {}
