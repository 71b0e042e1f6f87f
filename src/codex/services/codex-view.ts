import { type EngineShape, EngineView } from '../../core/engine/engine-view.js';
import { type Payload } from '../../core/engine/engine.js';
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
    const { thread } = await this.client.call<{ thread: Payload }>('thread/read', { threadId, includeTurns: false });
    return thread;
  }
}
