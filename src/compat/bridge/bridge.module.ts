import { Module } from '@nestjs/common';
import { ErrorShapes } from '../../http/dialects/error-shapes.js';
import { BridgeController } from './bridge.controller.js';
import { BridgeLifecycle } from './bridge-lifecycle.js';
import { BridgeSkills } from './bridge-skills.js';
import { BridgeThreads } from './bridge-threads.js';
import { BridgeTurns } from './bridge-turns.js';
import { BRIDGE_SHAPE } from './errors.js';

@Module({ controllers: [BridgeController], providers: [BridgeLifecycle, BridgeThreads, BridgeTurns, BridgeSkills] })
export class BridgeModule {
  constructor(shapes: ErrorShapes) {
    shapes.register(BRIDGE_SHAPE);
  }
}
