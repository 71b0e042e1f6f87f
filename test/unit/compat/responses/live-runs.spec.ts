import { NEVER } from 'rxjs';
import { LiveRuns, type LiveRunsPorts } from '../../../../src/compat/responses/runs/live-runs.js';
import { type ResponseRecord } from '../../../../src/compat/responses/store/response-record.js';
import { type TurnRecord } from '../../../../src/core/turns/turn-record.js';
import { FOLD, responseRecord } from './records.js';

const HEAD = { id: 'resp_1', object: 'response', status: 'in_progress', output: [], usage: null, store: true };
const USAGE = {
  input_tokens: 5,
  cached_input_tokens: 0,
  output_tokens: 2,
  reasoning_output_tokens: 0,
  total_tokens: 7,
};
const TURN = {
  ...{ turnId: 'turn_1', threadId: 't1', status: 'completed', error: null, tokenUsage: USAGE },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', completedAt: '2026-01-01T00:00:05.000Z' },
} as TurnRecord;
const ITEMS = [
  { type: 'user_message', id: 'u1', content: [] },
  { type: 'agent_message', id: 'm1', text: 'First.', phase: null },
  { type: 'agent_message', id: 'm2', text: 'Second.', phase: null },
];
const open: Partial<ResponseRecord> = { head: HEAD, status: 'in_progress', end: null, afterSeq: 3 };

/** What an open response has come to after a start, where the log begins with this event. */
async function recovered(
  turn: Partial<TurnRecord>,
  change: Partial<ResponseRecord> = {},
  { earliestSeq = 10, parent = undefined as ResponseRecord | undefined } = {},
): Promise<ResponseRecord | undefined> {
  const record = responseRecord({ ...open, ...change });
  let ended: ResponseRecord | undefined;
  const ports = {
    feed: { follow: () => NEVER },
    store: {
      open: () => [record],
      findParent: ({ parentId }: ResponseRecord) => (parentId === null ? undefined : parent),
      end: (over: ResponseRecord) => {
        ended = over;
        return Promise.resolve();
      },
    },
    manager: { find: () => ({ findTurn: () => ({ ...TURN, ...turn }) }) },
    turns: { itemsOf: () => ITEMS.map((item) => ({ json: JSON.stringify(item) })) },
    log: { bounds: () => ({ earliestSeq, latestSeq: 20 }) },
  };
  const runs = new LiveRuns(ports as unknown as LiveRunsPorts);
  runs.recover();
  await Promise.resolve();
  return ended;
}

const textsOf = (record: ResponseRecord | undefined): unknown[] =>
  ((record?.resource?.output ?? []) as { content: { text: string }[] }[]).map(({ content }) => content[0]?.text);

describe('a response that was open when the server died, and whose events are no longer kept', () => {
  it('ends as the turn that is stored', async () => {
    const over = await recovered({});
    expect([over?.status, textsOf(over), over?.end]).toEqual([
      'completed',
      ['First.', 'Second.'],
      { type: 'told', seq: 3 },
    ]);
    expect(over?.resource).toMatchObject({
      completed_at: Date.parse('2026-01-01T00:00:05.000Z') / 1000,
      usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 },
    });
  });

  it('fails with a turn that failed, or that the crash interrupted; and is cancelled when that was asked for', async () => {
    const failed = await recovered({ status: 'failed', error: { message: 'status: 429' } });
    expect(failed?.resource).toMatchObject({ status: 'failed', error: { code: 'rate_limit_exceeded' } });
    const interrupted = await recovered({ status: 'interrupted' });
    expect(interrupted?.resource).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
    expect((await recovered({ status: 'interrupted' }, { isCancelRequested: true }))?.status).toBe('cancelled');
    expect((await recovered({ status: 'cancelled' }))?.status).toBe('cancelled');
  });

  it('tells nothing again that the response before told of the same turn', async () => {
    const parent = responseRecord({ responseId: 'resp_0', resource: { output: [{ type: 'message', id: 'm1' }] } });
    const over = await recovered({}, { parentId: 'resp_0' }, { parent });
    expect([textsOf(over), over?.resource?.usage]).toEqual([
      ['Second.'],
      expect.objectContaining({ total_tokens: 0 }) as object,
    ]);
  });

  it('is followed where its events are kept, or its turn is not over', async () => {
    expect(await recovered({}, {}, { earliestSeq: 4 })).toBeUndefined();
    expect(await recovered({ status: 'in_progress' }, { fold: FOLD })).toBeUndefined();
  });
});
