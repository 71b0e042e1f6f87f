import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type View } from '../../http/view.js';
import { type IssuedTicket } from '../../http/auth/stream-tickets.js';

@ApiSchema({ description: 'A ticket that opens an event stream in the place of the token.' })
export class StreamTicketDto {
  /** Goes into the address of the stream: `?ticket=…`. */
  ticket!: string;

  /** When it must first have been used (RFC 3339, 30 s from now). */
  @ApiProperty({ format: 'date-time' })
  expires_at!: string;
}

export function toStreamTicket({ ticket, firstUseByMs }: IssuedTicket): View<StreamTicketDto> {
  return { ticket, expires_at: new Date(firstUseByMs).toISOString() };
}
