import supertest from 'supertest';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

const MESSAGES = [{ role: 'user', content: 'say: Hi.' }];
const KINDS_OF_PARTS = 'text, image, attachment, skill, mention';
const ROLES = 'system, developer, user, assistant, tool';

/** What a newcomer does wrong, and what is answered: the first fault, in words. */
describe('the likeliest mistakes', () => {
  let app: App;
  let threadId: string;

  beforeAll(async () => {
    app = await App.start();
    threadId = await app.createThread();
  });

  afterAll(async () => {
    await app.stop();
  });

  /** The text of an answer that refuses, in whichever form the door has. */
  function toDetail(body: unknown): string {
    const { detail, error, message } = body as { detail?: string; error?: { message: string }; message?: string };
    return detail ?? error?.message ?? String(message);
  }

  async function refusalOf(path: string, body: unknown): Promise<string> {
    const answer = await app.post(path, body as object);
    expect(answer.status).toBe(400);
    const detail = toDetail(answer.body);
    expect(detail).not.toMatch(/[.?!]{2}$/);
    return detail;
  }

  it.each<[Json, string]>([
    [{}, 'input: must be a text, or a list of parts such as {"type":"text","text":"Hello"}.'],
    [{ input: [{ text: 'hi' }] }, `input[0].type: is missing; it must be one of ${KINDS_OF_PARTS}.`],
    [{ input: [{ type: 'input_text', text: 'hi' }] }, `input[0].type: must be one of ${KINDS_OF_PARTS}.`],
    [
      { input: [{ type: 'text', content: 'hi' }] },
      'input[0].content: is not known here; did you mean text? (and 1 more).',
    ],
    [{ input: [{ type: 'text', text: 5 }] }, 'input[0].text: must be a string.'],
    [{ input: ['hi'] }, 'input[0]: must be an object.'],
    [{ prompt: 'hi' }, 'prompt: is not known here; did you mean input? (and 1 more).'],
    [{ messages: MESSAGES }, 'messages: is not known here; did you mean input? (and 1 more).'],
    [{ inptu: 'hi' }, 'inptu: is not known here; did you mean input? (and 1 more).'],
    [{ input: 'hi', modle: 'x' }, 'modle: is not known here; did you mean model?'],
    [{ input: 'hi', approvalPolicy: 'never' }, 'approvalPolicy: is not known here; did you mean approval_policy?'],
    [{ input: 'hi', sandbox: 'read-only' }, 'sandbox: is not known here; did you mean sandbox_policy?'],
    [{ input: 'hi', wibble: 1 }, 'wibble: is not known here.'],
  ])('in a turn: %j', async (body, detail) => {
    expect(await refusalOf(`/api/v2/threads/${threadId}/turns`, body)).toBe(`The request is not valid: ${detail}`);
  });

  it.each<[Json, string]>([
    [{ sandbox_mode: 'read-only' }, 'sandbox_mode: is not known here; did you mean sandbox?'],
    [{ instructions: 'Be brief.' }, 'instructions: is not known here; did you mean developer_instructions?'],
    [{ effort: 'high' }, 'effort: is not known here; did you mean reasoning_effort?'],
    [{ work_dir: '/tmp' }, 'work_dir: is not known here; did you mean cwd?'],
    [{ ephemeral: 'true' }, 'ephemeral: must be a boolean value.'],
    [{ cwd: 5 }, 'cwd: must be a string.'],
  ])('in a new thread: %j', async (body, detail) => {
    expect(await refusalOf('/api/v2/threads', body)).toBe(`The request is not valid: ${detail}`);
  });

  it.each<[Json, string]>([
    [{ messages: MESSAGES }, "Unknown parameter: 'messages'. Did you mean 'input'?"],
    [{ input: 'hi', max_tokens: 5 }, "Unknown parameter: 'max_tokens'. Did you mean 'max_output_tokens'?"],
    [
      { input: 'hi', response_format: { type: 'json_object' } },
      "Unknown parameter: 'response_format'. Did you mean 'text.format'?",
    ],
    [
      { input: { role: 'user' } },
      "Invalid type for 'input': expected a string or an array, but got an object instead.",
    ],
    [{ input: 5 }, "Invalid type for 'input': expected a string or an array, but got an integer instead."],
    [{ input: 'hi', prompt: 'hi' }, "Invalid 'prompt': there are no stored prompts here."],
    [{ input: [{ content: 'hi' }] }, "Missing required parameter: 'input[0].role'."],
    [{ input: 'hi', stream: 'true' }, "Invalid type for 'stream': expected a boolean, but got a string instead."],
    [{}, "One of 'input' or 'previous_response_id' or 'conversation' must be provided, and 'input' must not be empty."],
  ])('in the Responses API: %j', async (body, detail) => {
    expect(await refusalOf('/v1/responses', body)).toBe(detail);
  });

  it.each<[Json, string]>([
    [{}, 'messages: is missing; it must be an array.'],
    [{ messages: [] }, 'messages: must not be empty.'],
    [{ messages: 'hi' }, 'messages: expected array, received string.'],
    [{ messages: [{ content: 'hi' }] }, `messages[0].role: must be one of ${ROLES}.`],
    [{ messages: [{ role: 'human', content: 'hi' }] }, `messages[0].role: must be one of ${ROLES}.`],
    [
      { messages: [{ role: 'user', content: [{ text: 'hi' }] }] },
      'messages[0].content[0].type: must be one of text, image_url.',
    ],
    [{ messages: [{ role: 'tool', content: 'hi' }] }, 'messages[0].tool_call_id: is missing; it must be a string.'],
    [{ messages: MESSAGES, stream: 'true' }, 'stream: expected boolean, received string.'],
  ])('in a chat: %j', async (body, detail) => {
    expect(await refusalOf('/v1/chat/completions', body)).toBe(`The request is not valid: ${detail}`);
  });

  it('in an event message: no type', async () => {
    expect(await refusalOf('/messages', { text: 'hi' })).toMatch(
      /^The request is not valid: type: must be one of user_/,
    );
  });

  it.each([
    ['{"model":"a",}', 'The body is not well-formed JSON in UTF-8: what is wrong is at character 14.'],
    ["{'model':'a'}", 'The body is not well-formed JSON in UTF-8: what is wrong is at character 2.'],
    ['{"model":"a"', 'The body is not well-formed JSON in UTF-8: what is wrong is at character 13.'],
    ['{"model":', 'The body is not well-formed JSON in UTF-8: it ends too early.'],
    ['["model"]', 'The body must be a JSON object.'],
  ])('in JSON: %s', async (text, detail) => {
    for (const path of ['/api/v2/threads', '/v1/responses', '/v1/chat/completions', '/messages']) {
      const answer = await supertest(app.url)
        .post(path)
        .set({ Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' })
        .send(text);
      expect([answer.status, toDetail(answer.body)]).toEqual([400, detail]);
    }
  });

  it.each([
    [undefined, 'Send the token of this server in the header "Authorization: Bearer <token>".'],
    [`Token ${TOKEN}`, expect.stringContaining('; the header that was sent does not begin with "Bearer".')],
    [TOKEN, expect.stringContaining('; the header that was sent does not begin with "Bearer".')],
    ['Basic YTpi', expect.stringContaining('; the header that was sent does not begin with "Bearer".')],
    ['Bearer another-token-of-some-length', 'The bearer token is not valid for this server.'],
  ])('with the token: %j', async (authorization, detail) => {
    const asked = supertest(app.url).get('/api/v2/threads');
    const answer = await (authorization === undefined ? asked : asked.set('Authorization', authorization));
    expect([answer.status, toDetail(answer.body)]).toEqual([401, detail]);
  });

  it('in the path, the method or the type of the body', async () => {
    const lost = await app.get('/threads').expect(404);
    expect(toDetail(lost.body)).toBe("There is nothing at this path to GET. The API is at /api/v2, OpenAI's at /v1.");
    const wrong = await app.put('/api/v2/threads', {}).expect(405);
    expect(toDetail(wrong.body)).toBe('PUT is not possible here; this path has GET, HEAD, OPTIONS, POST.');
    const query = await app.get('/api/v2/threads?limt=5').expect(400);
    expect(toDetail(query.body)).toBe('The request is not valid: limt: is not known here; did you mean limit?');
    const typed = await app.post('/api/v2/threads').type('text/plain').send('{}').expect(415);
    expect(toDetail(typed.body)).toBe('Send the body as application/json.');
  });
});
