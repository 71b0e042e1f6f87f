import {
  Body,
  Controller,
  Delete,
  Get,
  HttpException,
  NotFoundException,
  Param,
  Post,
  Query,
  Req,
} from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsObject, IsOptional, IsString, Max, ValidateNested } from 'class-validator';
import { type Request } from 'express';
import { type Response } from 'supertest';
import { ServiceError } from '../../../src/core/errors.js';
import { AcceptsBody, Public } from '../../../src/http/routing/route-metadata.js';

class PartDto {
  @IsString()
  text!: string;
}

class CreateThingDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => PartDto)
  input!: PartDto[];

  @IsOptional()
  @IsObject()
  metadata?: object;
}

class ListDto {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Max(100)
  limit = 20;

  @IsOptional()
  @IsObject()
  metadata?: object;
}

@Controller('api/things')
export class ThingsController {
  @Get()
  list(@Query() query: ListDto): object {
    return { limit: query.limit, isDto: query instanceof ListDto, metadata: query.metadata };
  }

  @Get('fixed')
  fixed(): object {
    return { fixed: true };
  }

  @Get(':id')
  one(@Param('id') id: string, @Req() req: Request): object {
    if (id === 'throws') {
      throw new Error('secret detail at /home/ann');
    }
    if (id === 'missing') {
      throw new NotFoundException('gone fishing');
    }
    if (id === 'teapot') {
      throw new HttpException('short and stout', 418);
    }
    if (id === 'busy') {
      throw new ServiceError('conflict', 'Try later.', { retryAfterSeconds: 1.2 });
    }
    return { id, caller: req.caller?.id, url: req.url };
  }

  @Post()
  create(@Body() body: CreateThingDto): object {
    return body;
  }

  @Post('free')
  free(@Body() body: object): object {
    return { body };
  }

  @Delete(':id')
  remove(): void {
    // Nothing to remove.
  }

  @AcceptsBody('multipart/form-data')
  @Post('upload')
  async upload(@Req() req: Request): Promise<object> {
    let bytes = 0;
    for await (const chunk of req as AsyncIterable<Buffer>) {
      bytes += chunk.length;
    }
    return { bytes };
  }
}

@Public()
@Controller('open')
export class OpenController {
  @Get()
  open(@Req() req: Request): object {
    return { caller: req.caller };
  }
}

/** Checks the whole form of a problem, and tells which one it is. */
export function problemOf({ status, body, type, headers }: Response): object {
  const { code, title, detail, errors } = body as Record<string, unknown>;
  expect(type).toBe('application/problem+json');
  expect(body).toEqual({
    type: `urn:codex-web:problem:${String(code)}`,
    title,
    status,
    detail,
    instance: expect.stringMatching(/^\/[^?]*$/) as string,
    code,
    request_id: headers['x-request-id'],
    error: { code, message: detail },
    ...(errors !== undefined && { errors }),
  });
  return { status, code };
}
