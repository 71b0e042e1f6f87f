import { type EngineShape, EngineView } from '../../core/engine/engine-view.js';
import { type Payload } from '../../core/engine/engine.js';
import { unreadable } from '../../core/threads/unreadable.js';
import { type EngineClient } from '../engine-client.js';
import { toCamel, toSnake } from '../protocol/translate.js';

export class CodexView extends EngineView {
  constructor(private readonly client: EngineClient) {
    super();
  }

  override toEngine(shape: EngineShape, value: unknown): unknown {
    return toCamel(shape, value);
  }

  override fromEngine(shape: EngineShape, value: unknown): unknown {
    return toSnake(shape, value);
  }

  override async describeThread(threadId: string): Promise<Payload> {
    const params = { threadId, includeTurns: false };
    const read = this.client.call<{ thread: Payload }>('thread/read', params);
    return (await read.catch(unreadable({ isMaterialized: false }))).thread;
  }
}
