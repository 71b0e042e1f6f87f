import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { LoginWatch } from './login-watch.js';

@Module({ controllers: [HealthController], providers: [LoginWatch] })
export class HealthModule {}
