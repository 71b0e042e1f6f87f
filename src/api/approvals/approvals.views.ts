import { ApiSchema } from '@nestjs/swagger';
import { type ApprovalDto } from '../resources/approval.views.js';

@ApiSchema({ description: 'A page of approvals.' })
export class ApprovalPageDto {
  data!: ApprovalDto[];

  /** For the next page; `null` on the last. */
  next_cursor!: string | null;
}
