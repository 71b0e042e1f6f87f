import { Inject, Injectable } from '@nestjs/common';
import { filter, firstValueFrom, timeout, TimeoutError } from 'rxjs';
import { EngineView } from '../../core/engine/engine-view.js';
import { ServiceError } from '../../core/errors.js';
import { type Authority } from '../../core/permissions/authority.js';
import { EventRecorder } from '../../core/events/event-recorder.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { followToEnd } from '../../core/turns/follow-to-end.js';
import { isTurnEnd } from '../../core/turns/turn-event.js';
import { TurnFeed } from '../../core/turns/turn-feed.js';
import { DialectSettings } from '../../http/dialects/dialect-settings.js';
import { Workspace } from '../../core/workspace/workspace.js';
import { type StartTurn } from './bridge.dto.js';
import { toInput, toTurnOptions } from './to-core.js';

/** Runs turns for callers who wait for their end. */
@Injectable()
export class BridgeTurns {
  @Inject(DialectSettings)
  private readonly settings!: DialectSettings;

  @Inject(EngineView)
  private readonly view!: EngineView;

  constructor(
    private readonly manager: ThreadManager,
    private readonly recorder: EventRecorder,
    private readonly feed: TurnFeed,
    private readonly workspace: Workspace,
  ) {}

  /**
   * Resolves with the id of the turn once it is over, however it ended. One that waits behind another has its time from
   * when it was accepted. Throws `timeout` when it takes longer than it may; it goes on all the same.
   */
  async run({ threadId, input, ...options }: StartTurn, authority: Authority): Promise<string> {
    const parts = await toInput(input, this.workspace);
    const allowed = await toTurnOptions(this.view, options, this.workspace);
    const thread = await this.manager.require(threadId);
    const after = this.recorder.committedSeq(threadId);
    const { turnId } = await thread.submit({ input: parts, options: allowed, authority }, 'queue');
    await this.#ended(threadId, turnId, after);
    return turnId;
  }

  async #ended(threadId: string, turnId: string, after: number): Promise<void> {
    const { bridgeRequestTimeoutMs: ms } = this.settings;
    const over = followToEnd(this.feed, { threadId, turnId, after }).pipe(filter(isTurnEnd), timeout({ first: ms }));
    await firstValueFrom(over, { defaultValue: undefined }).catch((error: unknown) => {
      throw error instanceof TimeoutError ? toTimeout(turnId, ms) : error;
    });
  }
}

function toTimeout(turnId: string, ms: number): ServiceError {
  const seconds = String(ms / 1000);
  return new ServiceError(
    'timeout',
    `The turn ${turnId} is not over after ${seconds} s. It goes on: read the thread with includeTurns to see its end.`,
  );
}
