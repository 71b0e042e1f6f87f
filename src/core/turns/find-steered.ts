import { type TurnIndex } from './turn-index.js';

/** A turn that was steered when the server died is the last one, or has one or two after it. */
const LOOKBACK_TURNS = 3;

/** The id of the turn that took the input of this operation while it ran: one of the thread's last. */
export function findSteered(turns: TurnIndex, threadId: string, operationId: string): string | undefined {
  const { data } = turns.listTurns(threadId, { sortDirection: 'desc', limit: LOOKBACK_TURNS });
  const items = turns.itemsOf(
    threadId,
    data.map(({ turnId }) => turnId),
  );
  return items.find(({ json }) => (JSON.parse(json) as { client_id?: unknown }).client_id === operationId)?.turnId;
}
