/** One provider of models that speaks the Responses wire and the chat wire, with the same deltas at the same times. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { answerCalls } from '../support/child.ts';
import { nowMs } from '../support/statistics.ts';

interface Wire {
  begin: string;
  delta: (text: string) => string;
  end: (text: string) => string;
}

const sse = (event: string, fields: object): string =>
  `event: ${event}\ndata: ${JSON.stringify({ type: event, ...fields })}\n\n`;
const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] };
const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };

const RESPONSES: Wire = {
  begin:
    sse('response.created', { response: { id: 'resp_1', status: 'in_progress' } }) +
    sse('response.output_item.added', { output_index: 0, item }),
  delta: (delta) => sse('response.output_text.delta', { ...place, delta }),
  end: (text) => {
    const done = { ...item, status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] };
    const response = { id: 'resp_1', status: 'completed', output: [done], usage };
    return sse('response.output_item.done', { output_index: 0, item: done }) + sse('response.completed', { response });
  },
};

const chunk = (delta: object, finishReason: string | null): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  })}\n\n`;

const CHAT: Wire = {
  begin: chunk({ role: 'assistant' }, null),
  delta: (content) => chunk({ content }, null),
  end: () =>
    `${chunk({}, 'stop')}data: ${JSON.stringify({ id: 'chatcmpl-1', choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } })}\n\ndata: [DONE]\n\n`,
};

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

interface Order {
  isStamps: boolean;
  count: number;
  everyMs: number;
}

/** The last order in the body counts; the history before it has those of earlier turns. */
function toOrder(body: string): Order {
  const orders = [...body.matchAll(/(stamps|deltas): (\d+)(?: every (\d+)ms)?/g)];
  const [, kind, count = '1', everyMs = '0'] = orders.at(-1) ?? [];
  return { isStamps: kind === 'stamps', count: Number(count), everyMs: Number(everyMs) };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const part of request) {
    chunks.push(part as Buffer);
  }
  const wire = request.url?.endsWith('/responses') === true ? RESPONSES : CHAT;
  const { isStamps, count, everyMs } = toOrder(Buffer.concat(chunks).toString());
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(wire.begin);
  let text = '';
  for (let index = 0; index < count; index += 1) {
    if (isStamps) {
      await wait(everyMs);
    }
    const delta = isStamps ? `${String(nowMs())} ` : 'a delta ';
    text += delta;
    if (!response.write(wire.delta(delta))) {
      await once(response, 'drain');
    }
  }
  response.end(wire.end(text));
}

export type UpstreamMethods = typeof methods;

const methods = {
  baseUrl(): string {
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v1`;
  },
};

answerCalls(methods);
