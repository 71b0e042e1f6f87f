import { Injectable } from '@nestjs/common';
import { EngineView } from '../../core/engine/engine-view.js';
import { type Payload } from '../../core/engine/engine.js';
import { ThreadHistory } from '../../core/threads/thread-history.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { type Thread } from '../../core/threads/thread.js';
import { type View } from '../../http/view.js';
import { type BridgeLoadedThreadDto, type BridgeThreadDto } from './bridge.views.js';
import { toLoadedThread, toThread, toTurn } from './from-core.js';

/** Shows threads as the engine would. */
@Injectable()
export class BridgeThreads {
  constructor(
    private readonly manager: ThreadManager,
    private readonly history: ThreadHistory,
    private readonly view: EngineView,
  ) {}

  async read(threadId: string, hasTurns: boolean): Promise<View<BridgeThreadDto>> {
    return { thread: await this.#show(await this.manager.require(threadId), hasTurns) };
  }

  async loaded(thread: Thread, hasTurns: boolean): Promise<View<BridgeLoadedThreadDto>> {
    return toLoadedThread(this.view, await this.#show(thread, hasTurns), thread.record);
  }

  async turn(threadId: string, turnId: string): Promise<Payload> {
    return toTurn(this.view, await this.history.requireTurnWithItems(threadId, turnId));
  }

  /** A thread without a turn is only in the engine's memory, where it may have to be brought first. */
  async #show(thread: Thread, hasTurns: boolean): Promise<Payload> {
    if (!thread.record.isMaterialized) {
      await thread.load();
    }
    const described = await this.view.describeThread(thread.record.engineThreadId);
    return toThread(described, thread.record, hasTurns ? await this.#turns(thread.threadId) : []);
  }

  async #turns(threadId: string): Promise<Payload[]> {
    return (await this.history.allTurnsWithItems(threadId)).map((turn) => toTurn(this.view, turn));
  }
}
