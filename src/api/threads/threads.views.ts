import { ApiSchema } from '@nestjs/swagger';
import { ThreadDto } from '../resources/thread.views.js';

@ApiSchema({ description: 'A page of threads.' })
export class ThreadPageDto {
  data!: ThreadDto[];

  /** For the next page; `null` on the last. */
  next_cursor!: string | null;
}

@ApiSchema({ description: 'A page of the ids of loaded threads.' })
export class LoadedThreadsDto {
  /** Ids of the threads that the engine holds in memory. */
  data!: string[];
  next_cursor!: string | null;
}

@ApiSchema({ description: 'The new thread, and where it comes from.' })
export class ForkedThreadDto extends ThreadDto {
  /** The same as `thread_id`. */
  new_thread_id!: string;
  source_thread_id!: string;
}

@ApiSchema({ description: 'The thread after the rollback.' })
export class RolledBackThreadDto {
  thread!: ThreadDto;

  /** The turn that is the last one now; `null` when none is left. */
  current_turn_id!: string | null;
}
