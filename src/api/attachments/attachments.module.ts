import { Module } from '@nestjs/common';
import { AttachmentsV1Controller } from './attachments-v1.controller.js';
import { AttachmentsController } from './attachments.controller.js';

@Module({ controllers: [AttachmentsController, AttachmentsV1Controller] })
export class AttachmentsModule {}
