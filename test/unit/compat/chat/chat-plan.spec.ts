import { parseBySchema } from '../../../../src/http/validation/parse-by-schema.js';
import { chatRequest } from '../../../../src/compat/chat/chat-request.js';
import { toModelCards } from '../../../../src/compat/chat/model-cards.js';
import { toPlan, type ChatPlan, type PlanContext } from '../../../../src/compat/chat/plan.js';
import { isStrict } from '../../../../src/compat/chat/response-format.js';
import { toTurnInput } from '../../../../src/compat/chat/turn-input.js';
import { LinkedFiles } from '../../../../src/core/attachments/linked-files.js';
import { ServiceError } from '../../../../src/core/errors.js';
import { NO_CEILING } from '../../../../src/core/permissions/ceiling.js';

const MESSAGES = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi' },
];

const CONTEXT: PlanContext = { mode: 'model', choice: { model: 'm', effort: null }, cwd: '/work', ceiling: NO_CEILING };

const plan = (body: object, context: Partial<PlanContext> = {}): ChatPlan =>
  toPlan(parseBySchema(chatRequest, { messages: MESSAGES, ...body }), { ...CONTEXT, ...context });

const tool = (name: string): object => ({ type: 'function', function: { name } });

class NoLinks extends LinkedFiles {
  override fetch(): Promise<never> {
    return Promise.reject(new ServiceError('invalid_request', 'There are no links here.'));
  }
}

describe('what a chat comes to', () => {
  it('is a bare model with the instructions of the caller', () => {
    expect(plan({}).threadOptions).toEqual({
      mode: 'model',
      raw_events: true,
      cwd: '/work',
      model: 'm',
      base_instructions: 'Be brief.',
      approval_policy: 'never',
      sandbox: 'read-only',
    });
  });

  it('is the agent with more instructions, which asks nobody unless somebody will answer', () => {
    const agent = plan(
      { tools: [tool('look')], verbosity: 'low' },
      { mode: 'agent', choice: { model: undefined, effort: null } },
    );
    expect(agent.threadOptions).toEqual({
      raw_events: true,
      cwd: '/work',
      developer_instructions: 'Be brief.',
      approval_policy: 'never',
      config: { model_verbosity: 'low' },
      dynamic_tools: [
        { type: 'function', name: 'look', description: '', input_schema: { type: 'object', properties: {} } },
      ],
    });
    const asking = plan({ metadata: { codex_approval_policy: 'on-request' } }, { mode: 'agent' });
    expect(asking.threadOptions.approval_policy).toBe('on-request');
    expect(() => plan({ metadata: { codex_approval_policy: 'always' } }, { mode: 'agent' })).toThrow('must be one of');
  });

  it('is told to the turn, which may differ from one answer to the next', () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const format = { type: 'json_schema', json_schema: { name: 'x', schema } };
    const { turnOptions, limits } = plan({
      ...{ reasoning_effort: 'low', response_format: format, service_tier: 'flex', max_tokens: 9, stop: 'END' },
    });
    expect(turnOptions).toEqual({
      model: 'm',
      reasoning_effort: 'low',
      reasoning_summary: 'auto',
      output_schema: schema,
      service_tier_for_turn: 'flex',
    });
    expect(limits).toEqual({ maxTokens: 9, stops: ['END'] });
  });

  it('takes the effort of a variant, and no other beside it', () => {
    const choice = { model: 'm', effort: 'high' };
    expect(plan({ model: 'm-high' }, { choice }).turnOptions.reasoning_effort).toBe('high');
    expect(() => plan({ model: 'm-high', reasoning_effort: 'low' }, { choice })).toThrow('contradicts');
  });

  it.each([
    ['none', [], false],
    ['auto', ['a', 'b'], false],
    ['required', ['a', 'b'], true],
    [{ type: 'function', function: { name: 'b' } }, ['b'], true],
    [{ type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [tool('a')] } }, ['a'], false],
    [{ type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [tool('a')] } }, ['a'], true],
  ])('offers the tools of the choice %j', (choice, names, mustCall) => {
    const { functions, mustCall: must, directions } = plan({ tools: [tool('a'), tool('b')], tool_choice: choice });
    expect([functions.map(({ name }) => name), must, directions.length]).toEqual([names, mustCall, mustCall ? 1 : 0]);
  });

  it('hands over what is new as the input of the user, and what the model is told beside it before that', async () => {
    const { conversation, directions } = plan({ response_format: { type: 'json_object' } });
    const { input, history: injected } = await toTurnInput(conversation.messages, directions, new NoLinks());
    expect(input).toEqual([{ type: 'text', text: 'Hi' }]);
    expect(injected).toEqual([
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: directions[0] }] },
    ]);
  });

  it('takes a schema in the place where some vendors have it', () => {
    const loose = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
    const { directions, turnOptions } = plan({ response_format: { type: 'json_object', schema: loose } });
    expect([directions.join(), turnOptions.output_schema]).toEqual([
      expect.stringContaining(JSON.stringify(loose)) as string,
      undefined,
    ]);
    const strict = { ...loose, additionalProperties: false };
    const held = plan({ response_format: { type: 'json_object', schema: strict } });
    expect([held.directions, held.turnOptions.output_schema]).toEqual([[], strict]);
    expect(() => plan({ response_format: { type: 'json_object', schema: { type: 'thing' } } })).toThrow(
      expect.objectContaining({ fields: [expect.objectContaining({ path: 'response_format.schema.type' })] }) as Error,
    );
  });

  it('hands over as history what is too long for an input', async () => {
    const long = { role: 'user', content: 'x'.repeat(1_100_000) };
    const { conversation } = plan({ messages: [long] });
    const { input, history: injected } = await toTurnInput(conversation.messages, [], new NoLinks());
    expect([input, injected.length]).toEqual([[], 1]);
  });
});

describe('a strict schema', () => {
  const closed = {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  };

  it.each([
    [closed, true],
    [{ type: 'array', items: closed }, true],
    [{ ...closed, required: [] }, false],
    [{ ...closed, additionalProperties: true }, false],
    [{ ...closed, properties: { a: { anyOf: [{ type: 'object' }, { type: 'null' }] } } }, false],
    [{ type: 'string' }, true],
  ])('%j: %s', (schema, isOne) => {
    expect(isStrict(schema)).toBe(isOne);
  });
});

describe('the models', () => {
  const model = (id: string, efforts: string[]): Record<string, unknown> => ({
    model: id,
    input_modalities: ['text'],
    supported_reasoning_efforts: efforts.map((effort) => ({ reasoning_effort: effort })),
  });
  const ids = (config: Record<string, unknown>): string[] =>
    toModelCards([model('a', ['low']), model('b', [])], config).map(({ id, effort }) => `${id}:${effort ?? ''}`);

  it('begin with the configured one, known or not', () => {
    expect(ids({ model: 'b' })).toEqual(['b:', 'a:', 'a-low:low']);
    expect(ids({ model: 'mine', model_provider: 'p' })).toEqual(['mine:', 'a:', 'a-low:low', 'b:']);
    expect(ids({ model: null })).toEqual(['a:', 'a-low:low', 'b:']);
  });
});
