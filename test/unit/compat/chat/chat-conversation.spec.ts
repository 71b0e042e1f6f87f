import { parseBySchema } from '../../../../src/http/validation/parse-by-schema.js';
import { chatMessage, type ChatMessage } from '../../../../src/compat/chat/chat-messages.js';
import { toAnswerMessage, toConversation } from '../../../../src/compat/chat/conversation.js';

const asMessages = (...raw: object[]): ChatMessage[] => raw.map((message) => parseBySchema(chatMessage, message));
const canonical = (message: object): string | undefined =>
  toConversation(asMessages({ role: 'user', content: 'Hi' }, message)).messages[1]?.canonical;

const call = (id: string, args = '{}'): object => ({
  id,
  type: 'function',
  function: { name: 'look', arguments: args },
});

describe('a conversation', () => {
  it('has the instructions at its beginning, and everything else in its order', () => {
    const { instructions, messages } = toConversation(
      asMessages(
        { role: 'system', content: 'One.' },
        {
          role: 'developer',
          content: [
            { type: 'text', text: 'Two' },
            { type: 'text', text: 'lines.' },
          ],
        },
        { role: 'user', content: 'Look.', name: 'Ann' },
        { role: 'assistant', content: 'I do.', tool_calls: [call('c1', '{"at":"it"}')] },
        { role: 'tool', tool_call_id: 'c1', content: 'a dot' },
        { role: 'system', content: 'Three.' },
      ),
    );
    expect(instructions).toBe('One.\n\nTwo\nlines.');
    expect(messages.map(({ role, path }) => [role, path])).toEqual([
      ['user', 'messages[2]'],
      ['assistant', 'messages[3]'],
      ['tool', 'messages[4]'],
      ['system', 'messages[5]'],
    ]);
    expect(messages.flatMap(({ items }) => items)).toEqual([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Ann: Look.' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I do.' }] },
      { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"at":"it"}' },
      { type: 'function_call_output', call_id: 'c1', output: 'a dot' },
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Three.' }] },
    ]);
  });

  it('may be nothing but instructions, which are then what the model answers to', () => {
    const { instructions, messages } = toConversation(asMessages({ role: 'system', content: 'Say hello.' }));
    expect([instructions, messages.map(({ role }) => role)]).toEqual(['', ['system']]);
  });

  it('keeps images among the texts, and outputs without any as one text', () => {
    const image = { type: 'image_url', image_url: { url: 'https://x.example/a.png', detail: 'high' } };
    const { messages } = toConversation(
      asMessages(
        { role: 'user', content: [{ type: 'text', text: 'See:' }, image], name: 'Bo' },
        { role: 'assistant', tool_calls: [call('c1'), call('c2')] },
        { role: 'tool', tool_call_id: 'c2', content: [image] },
        {
          role: 'tool',
          tool_call_id: 'c1',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      ),
    );
    const part = { type: 'input_image', image_url: 'https://x.example/a.png', detail: 'high' };
    const [user, , picture, text] = messages.map(({ items }) => items[0]);
    expect(user).toMatchObject({
      content: [{ type: 'input_text', text: 'Bo:' }, { type: 'input_text', text: 'See:' }, part],
    });
    expect([picture, text]).toMatchObject([{ output: [part] }, { output: 'a\nb' }]);
  });

  it.each([
    [
      'a text and a list of it',
      { role: 'user', content: 'Hi' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    ],
    ['spaces at the ends', { role: 'assistant', content: 'Hi' }, { role: 'assistant', content: ' Hi\n' }],
    ['no text and an empty one', { role: 'assistant', content: null }, { role: 'assistant', content: '' }],
    [
      'what clients add',
      { role: 'assistant', content: 'Hi' },
      { role: 'assistant', content: 'Hi', refusal: null, parsed: null, annotations: [], reasoning_content: 'Hm.' },
    ],
    ['the two words for an instruction', { role: 'system', content: 'Hi' }, { role: 'developer', content: 'Hi' }],
  ])('is the same with %s', (_, one, other) => {
    expect(canonical(one)).toBe(canonical(other));
  });

  it('is the same with arguments that were written anew, as an answer that was given', () => {
    const given = toAnswerMessage('I look.', [
      { id: 'c1', function: { name: 'look', arguments: '{"b":[{"d":1,"c":2}],"a":1}' } },
    ]);
    const [, sent] = toConversation(
      asMessages(
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'I look.', tool_calls: [call('c1', '{ "a": 1, "b": [ { "c": 2, "d": 1 } ] }')] },
        { role: 'tool', tool_call_id: 'c1', content: '' },
      ),
    ).messages;
    expect(sent?.canonical).toBe(given.canonical);
  });

  it.each([
    ['another text', { role: 'assistant', content: 'Hi' }, { role: 'assistant', content: 'Ho' }],
    ['another speaker', { role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hi' }],
  ])('is another one with %s', (_, one, other) => {
    expect(canonical(one)).not.toBe(canonical(other));
  });
});
