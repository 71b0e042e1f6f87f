import { ApiSchema } from '@nestjs/swagger';
import { IsOptional, IsString, Length } from 'class-validator';

@ApiSchema({ description: 'What a ticket is to open.' })
export class CreateStreamTicketDto {
  /** The thread whose stream it is for; without it, the ticket is good for every stream. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  thread_id?: string;
}
