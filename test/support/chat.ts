import { type ModelRequest } from '../../src/demo/scripted-model/model-request.js';
import { TOKEN } from './server-process.js';
import { type App, type Json } from './start-app.js';

export interface ChatMessageView {
  role: string;
  content: string | null;
  refusal: null;
  reasoning_content?: string;
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
}

export interface CompletionView {
  id: string;
  object: string;
  created: number;
  model: string;
  choices: { index: number; message: ChatMessageView; logprobs: null; finish_reason: string }[];
  usage?: Json;
}

export interface ChatReply {
  threadId: string;
  body: CompletionView;
  message: ChatMessageView;
  finishReason: string;
}

/** A client of `/v1/chat/completions` that says what comes back in few words. */
export class ChatClient {
  constructor(
    private readonly app: App,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  get url(): string {
    return `${this.app.url}/v1/chat/completions`;
  }

  async send(body: object): Promise<ChatReply> {
    let test = this.app.post('/v1/chat/completions', { model: 'scripted-model', ...body });
    for (const [name, value] of Object.entries(this.headers)) {
      test = test.set(name, value);
    }
    const answer = await test.expect(200);
    const completion = answer.body as CompletionView;
    const [choice] = completion.choices;
    if (!choice) {
      throw new Error('no choice');
    }
    return {
      threadId: String(answer.headers['x-codex-thread']),
      body: completion,
      message: choice.message,
      finishReason: choice.finish_reason,
    };
  }

  async say(content: string, more: object = {}): Promise<ChatReply> {
    return this.send({ messages: [user(content)], ...more });
  }

  /** The status and the error of a request that is refused. */
  async refused(body: object): Promise<Json> {
    let test = this.app.post('/v1/chat/completions', { model: 'scripted-model', ...body });
    for (const [name, value] of Object.entries(this.headers)) {
      test = test.set(name, value);
    }
    const answer = await test;
    return { status: answer.status, ...(answer.body as { error: Json }).error };
  }

  /** Opens a stream; the reader goes on with what it is given. */
  async open(body: object, signal?: AbortSignal): Promise<Response> {
    return fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}`, ...this.headers },
      body: JSON.stringify({ model: 'scripted-model', stream: true, ...body }),
      ...(signal ? { signal } : {}),
    });
  }

  /** All `data:` lines of a stream, those that are JSON as values. */
  async stream(body: object): Promise<{ response: Response; data: unknown[] }> {
    const response = await this.open(body);
    const text = await response.text();
    return { response, data: toData(text) };
  }
}

export function toData(text: string): unknown[] {
  return text
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: '))
    .map((frame) => frame.slice('data: '.length))
    .map((data) => (data.startsWith('{') ? (JSON.parse(data) as unknown) : data));
}

export const user = (content: unknown): Json => ({ role: 'user', content });
export const system = (content: string): Json => ({ role: 'system', content });
export const tool = (id: string | undefined, content: unknown): Json => ({ role: 'tool', tool_call_id: id, content });

/** A function with one text as its argument. */
export function functionTool(name: string, description = `Does ${name}.`): Json {
  const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  return { type: 'function', function: { name, description, parameters } };
}

/** What a request to the model holds of the conversation: messages by their text, calls and outputs. */
export function toStory({ body }: ModelRequest): string[] {
  return (body.input as Json[]).map((item) => {
    switch (item.type) {
      case 'message':
        return `${String(item.role)}: ${(item.content as Json[]).map(({ text, image_url: url }) => text ?? url).join('|')}`;
      case 'function_call':
        return `call ${String(item.name)} ${String(item.arguments)}`;
      case 'function_call_output':
        return `output ${JSON.stringify(item.output)}`;
      default:
        return String(item.type);
    }
  });
}
