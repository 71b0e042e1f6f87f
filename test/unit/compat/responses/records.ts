import { toServiceEvent } from '../../../../src/core/events/catalogue.js';
import { type TurnEvent } from '../../../../src/core/turns/turn-event.js';
import { type FoldOptions, type ResponseRecord } from '../../../../src/compat/responses/store/response-record.js';

export const FOLD: FoldOptions = {
  hasCodexItems: false,
  hasEncryptedReasoning: false,
  isSerial: false,
  maxOutputTokens: null,
  isBackground: false,
};

export function turnEvent(name: string, payload: Record<string, unknown> = {}): TurnEvent {
  return { ...toServiceEvent(name, payload), seq: 1, emittedAtMs: 5_000 };
}

export function responseRecord(change: Partial<ResponseRecord> = {}): ResponseRecord {
  return {
    responseId: 'resp_1',
    callerId: 'me',
    createdAt: '2026-01-02T03:04:05.000Z',
    status: 'completed',
    head: { id: 'resp_1', store: true },
    fold: FOLD,
    input: [],
    parentId: null,
    conversationId: null,
    threadId: 't1',
    turnId: 'turn_1',
    afterSeq: 0,
    threadSpec: '[{"tools":[]},null]',
    turnSpec: '{}',
    isCancelRequested: false,
    end: { type: 'told', seq: 9 },
    heldCalls: [],
    resource: null,
    contextHash: null,
    ...change,
  };
}
