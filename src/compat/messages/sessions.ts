import { Injectable } from '@nestjs/common';
import { type Authority } from '../../core/permissions/authority.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { type EventStream } from '../../http/sse/event-stream.js';
import { type SseSink } from '../../http/sse/response-sink.js';
import { type UserMessage } from './messages.dto.js';
import { DIALECT } from './session-finder.js';
import { SessionRuns } from './session-runs.js';

/** `user_message`. */
@Injectable()
export class Sessions {
  constructor(
    private readonly manager: ThreadManager,
    private readonly runs: SessionRuns,
  ) {}

  /** A session of its own for this message. Throws `forbidden` for a folder outside the roots. */
  async start({ message, work_dir: cwd, id }: UserMessage, sink: SseSink, authority: Authority): Promise<EventStream> {
    const metadata = { dialect: DIALECT, ...(id !== undefined && { request_id: id }) };
    const named = { ...authority, nameOf: (path: string): string => (path === 'cwd' ? 'work_dir' : path) };
    const thread = await this.manager.create(cwd === undefined ? {} : { cwd }, named, { metadata });
    return this.runs.begin({ thread, message, sink, authority });
  }
}
