import { jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConversationRecord,
  ConversationStore,
} from '../../src/compat/responses/conversations/conversation-store.js';
import { ResponseService, type ResponseServicePorts } from '../../src/compat/responses/runs/response-service.js';
import { ResponseRetention } from '../../src/compat/responses/store/response-retention.js';
import { type ResponseRecord } from '../../src/compat/responses/store/response-record.js';
import { HTTP_SCOPE, ResponseStore } from '../../src/compat/responses/store/response-store.js';
import { EmbeddedStorage } from '../../src/storage/embedded/embedded-storage.js';
import { responseRecord } from '../unit/compat/responses/records.js';

const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-01-01T00:00:00.000Z');

describe('responses and conversations', () => {
  let root: string;
  let storage: EmbeddedStorage;
  let responses: ResponseStore;
  let conversations: ConversationStore;
  let retention: ResponseRetention;
  let nowMs: number;

  beforeEach(async () => {
    nowMs = START_MS;
    root = mkdtempSync(join(tmpdir(), 'codex-web-responses-'));
    storage = await EmbeddedStorage.open({ dataDir: root });
    responses = new ResponseStore(storage.records);
    conversations = new ConversationStore(storage.records);
    retention = new ResponseRetention({ responses, conversations }, { retentionMs: 30 * DAY_MS, nowMs: () => nowMs });
  });

  afterEach(async () => {
    await storage.close();
    rmSync(root, { recursive: true });
  });

  const onDay = (day: number): string => new Date(START_MS + day * DAY_MS).toISOString();

  async function end(responseId: string, day: number, change: Partial<ResponseRecord> = {}): Promise<void> {
    const resource = { output: [{ type: 'message', id: `msg_${responseId}` }] };
    const record = responseRecord({ responseId, createdAt: onDay(day), contextHash: `after ${responseId}`, resource });
    await responses.end({ ...record, ...change }, HTTP_SCOPE);
  }

  async function use(conversationId: string, day: number): Promise<void> {
    const fresh = {
      conversationId,
      callerId: 'me',
      createdAt: onDay(0),
      metadata: {},
      items: [],
      lastResponseId: null,
    };
    await conversations.put({ ...fresh, usedAt: onDay(day) } satisfies ConversationRecord);
  }

  async function sweepOnDay(day: number): Promise<unknown> {
    nowMs = START_MS + day * DAY_MS;
    return retention.job.run(new AbortController().signal);
  }

  const kept = (...ids: string[]): string[] => ids.filter((id) => responses.find(id, 'me') !== undefined);

  it('go when their time is over, with all that they are found by', async () => {
    await Promise.all([end('old', 0), end('young', 10)]);
    expect(await sweepOnDay(30)).toBeUndefined();
    expect(await sweepOnDay(31)).toEqual({ deletedResponses: 1, deletedConversations: 0 });
    expect(kept('old', 'young')).toEqual(['young']);
    const asker = { callerId: 'me', scope: HTTP_SCOPE };
    const found = (id: string): unknown[] => [
      responses.findItem(`msg_${id}`, 'me')?.id,
      responses.findByContext(`after ${id}`, asker)?.responseId,
      responses.findForContinuing(id, asker)?.responseId,
    ];
    expect([found('old'), found('young')]).toEqual([Array(3).fill(undefined), ['msg_young', 'young', 'young']]);
    const service = new ResponseService({
      store: responses,
      runs: { find: () => undefined },
    } as unknown as ResponseServicePorts);
    expect(() => service.retrieve('old', 'me')).toThrow(
      expect.objectContaining({ code: 'not_found', openAiCode: 'response_not_found' }) as Error,
    );
  });

  it('stay while a response is in progress, however many of those there are', async () => {
    const open = Array.from({ length: 50 }, (_, at) => `open_${String(at)}`);
    const status = 'in_progress';
    await Promise.all(
      open.map((id) => responses.put(responseRecord({ responseId: id, createdAt: onDay(0), status }), '')),
    );
    await end('over', 1);
    expect(await sweepOnDay(40)).toEqual({ deletedResponses: 1, deletedConversations: 0 });
    expect(kept(...open)).toEqual(open);
  });

  it('stay together: a response is kept as long as its conversation is used', async () => {
    await Promise.all([end('said', 0, { conversationId: 'conv' }), end('alone', 0), use('conv', 20)]);
    expect(await sweepOnDay(40)).toEqual({ deletedResponses: 1, deletedConversations: 0 });
    expect(kept('said', 'alone')).toEqual(['said']);
    expect(await sweepOnDay(51)).toEqual({ deletedResponses: 0, deletedConversations: 1 });
    expect(conversations.find('conv', 'me')).toBeUndefined();
    expect(await sweepOnDay(71)).toEqual({ deletedResponses: 1, deletedConversations: 0 });
    expect(kept('said')).toEqual([]);
  });

  it('go in small batches, and no more when the server stops', async () => {
    await Promise.all(Array.from({ length: 45 }, (_, at) => end(`old_${String(at)}`, 0)));
    nowMs = START_MS + 31 * DAY_MS;
    const stopping = new AbortController();
    jest.spyOn(responses, 'delete').mockImplementationOnce((record) => {
      stopping.abort();
      return responses.delete(record);
    });
    expect(await retention.job.run(stopping.signal)).toEqual({ deletedResponses: 20, deletedConversations: 0 });
    expect(await sweepOnDay(31)).toEqual({ deletedResponses: 25, deletedConversations: 0 });
  });
});
