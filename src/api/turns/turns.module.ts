import { Module } from '@nestjs/common';
import { TurnOptionsPolicy } from './turn-options-policy.js';
import { TurnsController } from './turns.controller.js';

@Module({ controllers: [TurnsController], providers: [TurnOptionsPolicy] })
export class TurnsModule {}
