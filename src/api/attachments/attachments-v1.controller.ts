import { Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import { type Request, type Response } from 'express';
import { Idempotent } from '../../http/idempotency/idempotent.js';
import { AcceptsBody } from '../../http/routing/route-metadata.js';
import { type View } from '../../http/view.js';
import { AttachmentsController, CONTENT, CREATED, UPLOAD_SCHEMA } from './attachments.controller.js';
import { AttachmentDto } from './attachments.views.js';

const INSTEAD = { deprecated: true, description: 'Use the same path under `/api/v2`.' };

/** The older address of the same attachments. */
@ApiTags('attachments')
@Controller('api/v1/attachments')
export class AttachmentsV1Controller extends AttachmentsController {
  @ApiOperation({ ...INSTEAD, summary: 'Upload a file', operationId: 'createAttachmentV1' })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: UPLOAD_SCHEMA })
  @ApiCreatedResponse(CREATED)
  @Post()
  @Idempotent()
  @AcceptsBody('multipart/form-data')
  override createAttachment(
    @Req() req: Request,
    @Res({ passthrough: true }) res: Response,
  ): Promise<View<AttachmentDto>> {
    return this.upload(req, res, '/api/v1/attachments');
  }

  @ApiOperation({ ...INSTEAD, summary: 'Download a file', operationId: 'getAttachmentV1' })
  @ApiProduces('application/octet-stream')
  @ApiOkResponse(CONTENT)
  @Get(':attachment_id')
  override getAttachment(
    @Param('attachment_id') attachmentId: string,
    @Req() req: Request,
    @Res() res: Response,
  ): Promise<void> {
    return super.getAttachment(attachmentId, req, res);
  }

  @ApiOperation({ ...INSTEAD, summary: 'Get what is known of a file', operationId: 'getAttachmentMetadataV1' })
  @ApiOkResponse({ type: AttachmentDto })
  @Get(':attachment_id/metadata')
  override getAttachmentMetadata(
    @Param('attachment_id') attachmentId: string,
    @Req() req: Request,
  ): View<AttachmentDto> {
    return super.getAttachmentMetadata(attachmentId, req);
  }

  @ApiOperation({ ...INSTEAD, summary: 'Delete a file', operationId: 'deleteAttachmentV1' })
  @ApiNoContentResponse()
  @Delete(':attachment_id')
  @HttpCode(204)
  override deleteAttachment(@Param('attachment_id') attachmentId: string, @Req() req: Request): Promise<void> {
    return super.deleteAttachment(attachmentId, req);
  }
}
