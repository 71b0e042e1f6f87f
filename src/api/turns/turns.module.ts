import { Module } from '@nestjs/common';
import { SandboxPolicies } from '../resources/sandbox-policies.js';
import { TurnOptionsPolicy } from './turn-options-policy.js';
import { TurnsController } from './turns.controller.js';

@Module({ controllers: [TurnsController], providers: [TurnOptionsPolicy, SandboxPolicies] })
export class TurnsModule {}
