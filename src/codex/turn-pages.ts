import { type EngineTurn } from '../core/engine/engine.js';
import { ServiceError } from '../core/errors.js';
import { type Page } from '../core/threads/thread-index.js';
import { type HistoryQuery } from '../core/turns/turn-index.js';
import { type EngineClient } from './engine-client.js';
import { isBeforeFirstTurn } from './engine-errors.js';
import { toEngineTurn } from './engine-views.js';
import { type HiddenKeys } from './hidden-keys.js';
import { type Turn } from './protocol/generated/types.js';

const MAX_PAGE_TURNS = 100;

/** The engine's history of a thread, in pages. */
export class TurnPages {
  constructor(
    private readonly client: Pick<EngineClient, 'call'>,
    private readonly keys: HiddenKeys,
  ) {}

  async list(threadId: string, query: HistoryQuery): Promise<Page<EngineTurn>> {
    const { limit, sortDirection, cursor } = query;
    const params = { threadId, limit, sortDirection, cursor: cursor ?? null, itemsView: 'full' };
    try {
      const page = await this.client.call<{ data: Turn[]; nextCursor: string | null }>('thread/turns/list', params);
      return { data: page.data.map((turn) => toEngineTurn(this.keys.inFailure(turn))), nextCursor: page.nextCursor };
    } catch (error) {
      if (isBeforeFirstTurn(error)) {
        return { data: [], nextCursor: null };
      }
      throw error;
    }
  }

  /**
   * Where the engine's cursors are ids of turns (it reads the whole file for each page then), that is one page; else it
   * finds a page quickly, and they are read from the end on.
   */
  async find(threadId: string, turnId: string): Promise<EngineTurn | undefined> {
    const cursor = JSON.stringify({ turnId, includeAnchor: true });
    const anchored = await this.list(threadId, { limit: 1, sortDirection: 'asc', cursor }).catch(noSuchCursor);
    if (anchored?.data[0]?.engineTurnId === turnId) {
      return anchored.data[0];
    }
    return anchored === undefined ? this.#search(threadId, turnId) : undefined;
  }

  async #search(threadId: string, turnId: string): Promise<EngineTurn | undefined> {
    let cursor: string | null | undefined;
    do {
      const query = { limit: MAX_PAGE_TURNS, sortDirection: 'desc', ...(cursor ? { cursor } : {}) } as const;
      const { data, nextCursor } = await this.list(threadId, query);
      const found = data.find(({ engineTurnId }) => engineTurnId === turnId);
      if (found) {
        return found;
      }
      cursor = nextCursor;
    } while (cursor);
    return undefined;
  }
}

function noSuchCursor(error: unknown): undefined {
  if (error instanceof ServiceError && error.code === 'invalid_request') {
    return undefined;
  }
  throw error;
}
