import { type ApprovalDto } from '../resources/approval.views.js';

export class ApprovalPageDto {
  data!: ApprovalDto[];

  /** For the next page; `null` on the last. */
  next_cursor!: string | null;
}
