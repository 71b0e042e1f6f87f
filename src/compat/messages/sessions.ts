import { Injectable } from '@nestjs/common';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { type EventAnswer } from '../../http/sse/event-answer.js';
import { type SseSink } from '../../http/sse/response-sink.js';
import { WorkspaceRoots } from '../../http/workspace/workspace-roots.js';
import { type UserMessage } from './messages.dto.js';
import { DIALECT } from './session-finder.js';
import { SessionRuns } from './session-runs.js';

/** `user_message`. */
@Injectable()
export class Sessions {
  constructor(
    private readonly manager: ThreadManager,
    private readonly roots: WorkspaceRoots,
    private readonly runs: SessionRuns,
  ) {}

  /** A session of its own for this message. Throws `forbidden` for a folder outside the roots. */
  async start({ message, work_dir: workDir, id }: UserMessage, sink: SseSink): Promise<EventAnswer> {
    const cwd = workDir === undefined ? this.roots.defaultPath : await this.roots.requireInside(workDir, 'work_dir');
    const metadata = { dialect: DIALECT, ...(id !== undefined && { request_id: id }) };
    const thread = await this.manager.create({ cwd }, { metadata });
    return this.runs.begin({ thread, message, sink });
  }
}
