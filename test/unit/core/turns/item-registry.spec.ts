import { toServiceEvent } from '../../../../src/core/events/catalogue.js';
import { type Payload } from '../../../../src/core/engine/engine.js';
import { type ThreadContext } from '../../../../src/core/threads/thread-context.js';
import { ItemRegistry } from '../../../../src/core/turns/item-registry.js';
import { type ItemRecord } from '../../../../src/core/turns/turn-record.js';

describe('ItemRegistry', () => {
  let stored: Map<string, ItemRecord>;
  let ledger: ItemRegistry;

  beforeEach(() => {
    stored = new Map();
    const turns = {
      nextPositions: () => ({ turn: 0, item: 7 }),
      itemsOf: (_: string, turnIds: readonly string[]) =>
        [...stored.values()].filter(({ turnId }) => turnIds.includes(turnId)),
    };
    const recorder = {
      item: (record: ItemRecord) => {
        stored.set(`${record.turnId} ${record.itemId}`, record);
      },
    };
    ledger = new ItemRegistry('thread', { turns, recorder } as unknown as ThreadContext);
  });

  const take = (name: string, turnId: string, item: Payload): void => {
    ledger.take(turnId, toServiceEvent(`item/${name}`, { item }));
  };

  const placesOf = (turnId: string): unknown[] =>
    [...stored.values()].filter((record) => record.turnId === turnId).map(({ itemId, position }) => [itemId, position]);

  it('files a late end under its own turn, in the place that it had, however many turns came after', () => {
    take('started', 'interrupted', { id: 'message', type: 'user_message' });
    take('started', 'interrupted', { id: 'command', type: 'command_execution', status: 'in_progress' });
    ledger.endTurn('interrupted');
    for (const turnId of ['second', 'third']) {
      take('started', turnId, { id: 'message', type: 'user_message' });
      ledger.endTurn(turnId);
    }
    take('completed', 'interrupted', { id: 'command', type: 'command_execution', status: 'failed' });
    expect(placesOf('interrupted')).toEqual([
      ['message', 7],
      ['command', 8],
    ]);
    expect(stored.get('interrupted command')?.json).toContain('failed');
    expect([placesOf('second'), placesOf('third')]).toEqual([[['message', 9]], [['message', 10]]]);
  });

  it('gives an item its place even where it is only told when it is complete', () => {
    take('completed', 'turn', { id: 'plan', type: 'plan' });
    expect(placesOf('turn')).toEqual([['plan', 7]]);
  });
});
