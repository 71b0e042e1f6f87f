import { lastValueFrom, of, Subject, toArray } from 'rxjs';
import { toServiceEvent } from '../../../../src/core/events/catalogue.js';
import { type AnswerPart } from '../../../../src/compat/chat/answer-parts.js';
import { AnswerReader } from '../../../../src/compat/chat/answer-reader.js';
import { toAnswerParts } from '../../../../src/compat/chat/answer-stream.js';
import { toCompletion, toFrames, toLastFrames } from '../../../../src/compat/chat/from-core.js';
import { LimitedText } from '../../../../src/compat/chat/text-limits.js';
import { ServiceError } from '../../../../src/core/errors.js';
import { type TurnNews } from '../../../../src/core/turns/turn-feed.js';

const NO_LIMITS = { maxTokens: null, stops: [] };
const HEAD = { id: 'chatcmpl-1', created: 7, model: 'm' };
const CALL = { callId: 'c1', itemId: 'i1', name: 'look', arguments: '{}' };

const event = (name: string, payload: object): TurnNews => ({
  type: 'event',
  event: { ...toServiceEvent(name, payload as Record<string, unknown>), seq: 1, emittedAtMs: 0 },
});
const delta = (text: string, itemId = 'a'): TurnNews =>
  event('item/agentMessage/delta', { item_id: itemId, delta: text });
const summary = (text: string, index = 0): TurnNews =>
  event('item/reasoning/summaryTextDelta', { item_id: 'r', delta: text, summary_index: index });
const completed = (turn: object = { status: 'completed' }): TurnNews => event('turn/completed', { turn });
const end = (reason: string, isWhole = true): object => ({ type: 'end', reason, usage: undefined, isWhole });

function read(news: TurnNews[], limits: { maxTokens: number | null; stops: string[] } = NO_LIMITS): AnswerPart[] {
  const reader = new AnswerReader(limits);
  return news.flatMap((one) => reader.take(one));
}

describe('the parts of an answer', () => {
  it('are texts and thoughts in their order, with a blank line between messages and between thoughts', () => {
    const raw = event('item/reasoning/textDelta', { item_id: 'r', delta: 'the same', content_index: 0 });
    expect(
      read([summary('Hm.'), raw, summary('Yes.', 1), delta('One'), delta(' more'), delta('Two', 'b'), completed()]),
    ).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'reasoning', text: '\n\nYes.' },
      { type: 'text', text: 'One' },
      { type: 'text', text: ' more' },
      { type: 'text', text: '\n\nTwo' },
      end('stop'),
    ]);
  });

  it('have what was not told in deltas', () => {
    const item = event('item/completed', { item: { type: 'agent_message', id: 'a', text: 'All of it' } });
    expect(read([delta('All'), item, completed()])).toEqual([
      { type: 'text', text: 'All' },
      { type: 'text', text: ' of it' },
      end('stop'),
    ]);
  });

  it('end with the calls that the turn waits for', () => {
    expect(read([delta('I look.'), { type: 'parked', calls: [CALL], seq: 3 }])).toEqual([
      { type: 'text', text: 'I look.' },
      { type: 'calls', calls: [CALL] },
      end('tool_calls'),
    ]);
  });

  it('add up what the model calls used', () => {
    const usage = {
      input_tokens: 3,
      cached_input_tokens: 1,
      output_tokens: 2,
      reasoning_output_tokens: 1,
      total_tokens: 5,
    };
    expect(
      read([event('rawResponse/completed', { usage }), event('rawResponse/completed', { usage }), completed()]),
    ).toEqual([
      {
        ...end('stop'),
        usage: { inputTokens: 6, cachedInputTokens: 2, outputTokens: 4, reasoningOutputTokens: 2, totalTokens: 10 },
      },
    ]);
  });

  it.each([
    ['content_filter', 'content_filter'],
    ['max_output_tokens', 'length'],
  ])('end early where the provider ends the answer for %s', (cause, reason) => {
    const message = `stream disconnected before completion: Incomplete response returned, reason: ${cause}`;
    const failed = completed({ status: 'failed', error: { message, codex_error_info: 'other' } });
    expect(read([delta('Half'), failed])).toEqual([{ type: 'text', text: 'Half' }, end(reason, false)]);
  });

  it('end where a text is to stop, whole or over several deltas, and nothing of it is told', () => {
    const limits = { maxTokens: null, stops: ['END', '\n\n'] };
    expect(read([delta('one E'), delta('N'), delta('D two')], limits)).toEqual([
      { type: 'text', text: 'one ' },
      end('stop', false),
    ]);
    expect(read([delta('one E'), delta('N'), completed()], limits)).toEqual([
      { type: 'text', text: 'one ' },
      { type: 'text', text: 'EN' },
      end('stop'),
    ]);
  });

  it('fail with a turn that was interrupted elsewhere', () => {
    expect(() => read([delta('Half'), completed({ status: 'interrupted' })])).toThrow('interrupted');
  });
});

describe('a limited text', () => {
  it('is cut in whole characters, four bytes a token', () => {
    const text = new LimitedText({ maxTokens: 2, stops: [] });
    expect([text.take('abcd'), text.cutBy, text.take('öööö'), text.cutBy, text.take('x')]).toEqual([
      'abcd',
      undefined,
      'öö',
      'length',
      '',
    ]);
  });

  it('is made shorter by thoughts', () => {
    const text = new LimitedText({ maxTokens: 1, stops: [] });
    text.spend('ab');
    expect([text.take('cdef'), text.cutBy]).toEqual(['cd', 'length']);
  });
});

describe('the stream of parts', () => {
  function open(isAbandonedUnread: boolean): { news: Subject<TurnNews>; abandoned: () => number; close: () => void } {
    const news = new Subject<TurnNews>();
    let abandoned = 0;
    const abandon = (): void => {
      abandoned += 1;
    };
    const parts = toAnswerParts(news, { limits: { maxTokens: 1, stops: [] }, abandon, isAbandonedUnread });
    const subscription = parts.subscribe({ error: () => undefined });
    const close = (): void => {
      subscription.unsubscribe();
    };
    return { news, abandoned: () => abandoned, close };
  }

  it('gives up a turn that nobody reads only where that is wanted', () => {
    const [model, agent] = [open(true), open(false)];
    for (const { news, close } of [model, agent]) {
      news.next(delta('a'));
      close();
    }
    expect([model.abandoned(), agent.abandoned()]).toEqual([1, 0]);
  });

  it('gives up a turn that has said enough, and never one that is over or waits for the caller', () => {
    const [long, over, parked] = [open(false), open(true), open(true)];
    long.news.next(delta('too long by far'));
    over.news.next(completed());
    parked.news.next({ type: 'parked', calls: [CALL], seq: 1 });
    expect([long, over, parked].map(({ abandoned }) => abandoned())).toEqual([1, 0, 0]);
  });
});

describe('an answer on the wire', () => {
  const usage = { inputTokens: 3, cachedInputTokens: 1, outputTokens: 2, reasoningOutputTokens: 1, totalTokens: 5 };
  const parts: AnswerPart[] = [
    { type: 'reasoning', text: 'Hm.' },
    { type: 'calls', calls: [CALL] },
    { type: 'end', reason: 'tool_calls', usage, isWhole: true },
  ];
  const toolCall = { id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } };

  it('is one object', async () => {
    expect(await lastValueFrom(toCompletion(of(...parts), HEAD))).toEqual({
      ...HEAD,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: null,
            refusal: null,
            reasoning_content: 'Hm.',
            tool_calls: [toolCall],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      system_fingerprint: null,
      usage: {
        prompt_tokens: 3,
        completion_tokens: 2,
        total_tokens: 5,
        prompt_tokens_details: { cached_tokens: 1 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    });
  });

  it('is a chunk for each part, the role in the first', async () => {
    const frames = await lastValueFrom(toFrames(of(...parts), HEAD, { hasUsage: false }).pipe(toArray()));
    const chunk = (choice: object): object => ({
      data: {
        ...HEAD,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, logprobs: null, finish_reason: null, ...choice }],
        system_fingerprint: null,
      },
    });
    expect(frames).toEqual([
      chunk({ delta: { role: 'assistant', reasoning_content: 'Hm.' } }),
      chunk({ delta: { tool_calls: [{ index: 0, ...toolCall }] } }),
      chunk({ delta: {}, finish_reason: 'tool_calls' }),
      { data: '[DONE]' },
    ]);
  });

  it('ends with an error of the same form as any other', () => {
    expect(toLastFrames(new ServiceError('engine_error', 'It broke.'))).toEqual([
      { data: { error: { message: 'It broke.', type: 'server_error', param: null, code: 'engine_error' } } },
    ]);
  });
});
