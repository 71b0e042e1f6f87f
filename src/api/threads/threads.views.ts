import { ThreadDto } from '../resources/thread.views.js';

export class ThreadPageDto {
  data!: ThreadDto[];

  /** For the next page; `null` on the last. */
  next_cursor!: string | null;
}

export class LoadedThreadsDto {
  /** Ids of the threads that the engine holds in memory. */
  data!: string[];
  next_cursor!: string | null;
}

export class ForkedThreadDto extends ThreadDto {
  /** The same as `thread_id`. */
  new_thread_id!: string;
  source_thread_id!: string;
}

export class RolledBackThreadDto {
  thread!: ThreadDto;

  /** The turn that is the last one now; `null` when none is left. */
  current_turn_id!: string | null;
}
