import { pipeline } from 'node:stream/promises';
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
import { Attachments } from '../../core/attachments/attachments.js';
import { identifyContent } from '../../http/idempotency/keyed-answers.js';
import { Idempotent } from '../../http/idempotency/idempotent.js';
import { AcceptsBody } from '../../http/routing/route-metadata.js';
import { type View } from '../../http/view.js';
import { AttachmentDto, toAttachment } from './attachments.views.js';
import { findRange, toContentHeaders } from './content-headers.js';
import { receiveUpload } from './receive-upload.js';
import { requireCallerId } from '../../http/auth/require-caller-id.js';

const PATH = '/api/v2/attachments';

export const UPLOAD_SCHEMA = {
  type: 'object',
  required: ['file'],
  additionalProperties: false,
  properties: { file: { type: 'string', format: 'binary', description: 'At least one byte; 100 MB by default.' } },
};
export const CREATED = { type: AttachmentDto, headers: { Location: { schema: { type: 'string' } } } } as const;
export const CONTENT = { description: 'The file.', schema: { type: 'string', format: 'binary' } } as const;

@ApiTags('attachments')
@Controller('api/v2/attachments')
export class AttachmentsController {
  constructor(private readonly attachments: Attachments) {}

  /**
   * One file, for turns to refer to. Only the token that uploaded it can see it. It is kept until it is deleted, or the
   * first thread that used it is, or its time is over (30 days by default).
   */
  @ApiOperation({ summary: 'Upload a file' })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: UPLOAD_SCHEMA })
  @ApiCreatedResponse(CREATED)
  @Post()
  @Idempotent()
  @AcceptsBody('multipart/form-data')
  createAttachment(@Req() req: Request, @Res({ passthrough: true }) res: Response): Promise<View<AttachmentDto>> {
    return this.upload(req, res, PATH);
  }

  /** The bytes, or a range of them. A range that can't be served is answered with the whole file. */
  @ApiOperation({ summary: 'Download a file' })
  @ApiProduces('application/octet-stream')
  @ApiOkResponse(CONTENT)
  @Get(':attachment_id')
  async getAttachment(
    @Param('attachment_id') attachmentId: string,
    @Req() req: Request,
    @Res() res: Response,
  ): Promise<void> {
    const record = this.attachments.require(requireCallerId(req), attachmentId);
    const range = findRange(req.headers, record);
    const { first, last } = range ?? { first: 0, last: record.sizeBytes - 1 };
    const bytes = await this.attachments.read(record, range);
    res.status(range ? 206 : 200).set(toContentHeaders(record));
    res.set('Content-Length', String(last - first + 1));
    if (range) {
      res.set('Content-Range', `bytes ${String(first)}-${String(last)}/${String(record.sizeBytes)}`);
    }
    if (req.method === 'HEAD') {
      bytes.destroy();
      res.end();
      return;
    }
    // A reader who goes away in the middle is none of the server's faults.
    await pipeline(bytes, res).catch((error: unknown) => {
      if (!res.closed) {
        throw error;
      }
    });
  }

  /** Its name, media type and size, without its content. */
  @ApiOperation({ summary: 'Get what is known of a file' })
  @ApiOkResponse({ type: AttachmentDto })
  @Get(':attachment_id/metadata')
  getAttachmentMetadata(@Param('attachment_id') attachmentId: string, @Req() req: Request): View<AttachmentDto> {
    return toAttachment(this.attachments.require(requireCallerId(req), attachmentId));
  }

  /** A turn that waits and refers to it will fail. */
  @ApiOperation({ summary: 'Delete a file' })
  @ApiNoContentResponse()
  @Delete(':attachment_id')
  @HttpCode(204)
  async deleteAttachment(@Param('attachment_id') attachmentId: string, @Req() req: Request): Promise<void> {
    await this.attachments.delete(requireCallerId(req), attachmentId);
  }

  protected async upload(req: Request, res: Response, path: string): Promise<View<AttachmentDto>> {
    const callerId = requireCallerId(req);
    const { staged, filename } = await receiveUpload(req, res, this.attachments);
    try {
      await identifyContent(req, JSON.stringify([filename, staged.sha256]));
    } catch (error) {
      await this.attachments.discard(staged);
      throw error;
    }
    const record = await this.attachments.keep(staged, callerId, filename);
    res.location(`${path}/${record.attachmentId}`);
    return toAttachment(record);
  }
}
