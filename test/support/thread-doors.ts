import { type Json } from './start-app.js';

/** A request, and where its answer says that a field was at fault. */
export interface Door {
  name: string;
  path: string;
  body: Json;
  headers?: Readonly<Record<string, string>>;
}

const SAY = 'say: Here.';
const INPUT = [{ type: 'text', text: SAY }];
const CUSTOM = { target: { type: 'custom', instructions: 'Look.' } };

/** Every way in by which something is run in a thread that is there; none of them sets anything of it. */
export function toThreadDoors(threadId: string): Door[] {
  const path = `/api/v2/threads/${threadId}`;
  const chat = { model: 'scripted-model', messages: [{ role: 'user', content: SAY }] };
  const chatIn = (mode: string): Door => ({
    name: `chat, X-Codex-Mode: ${mode}`,
    path: '/v1/chat/completions',
    body: chat,
    headers: { 'x-codex-thread': threadId, 'x-codex-mode': mode },
  });
  return [
    { name: 'turn', path: `${path}/turns`, body: { input: INPUT } },
    { name: 'turn that steers', path: `${path}/turns`, body: { input: INPUT, on_busy: 'steer' } },
    { name: 'resume', path: `${path}/resume`, body: {} },
    { name: 'fork', path: `${path}/fork`, body: {} },
    { name: 'review', path: `${path}/reviews`, body: CUSTOM },
    { name: 'review, by its earlier path', path: `${path}/review`, body: CUSTOM },
    { name: 'compact', path: `${path}/compact`, body: {} },
    {
      name: 'MCP tool',
      path: '/api/v2/mcp/servers/none/tools/none',
      body: { thread_id: threadId, arguments: {} },
    },
    chatIn('agent'),
    { name: 'message edit', path: '/messages', body: { type: 'user_edit', id: threadId, message: SAY } },
    { name: 'bridge turn', path: '/api/turn/start', body: { threadId, input: INPUT } },
    { name: 'bridge resume', path: '/api/thread/resume', body: { threadId } },
    { name: 'bridge fork', path: '/api/thread/fork', body: { threadId } },
  ];
}

/** The code of an error in the words of each front door. */
export function codeOf(body: Json): unknown {
  return (body.error as Json | undefined)?.code ?? body.code;
}

/** The fields that an error names. */
export function fieldsOf(body: Json): unknown[] {
  const { errors, error } = body as { errors?: Json[]; error?: Json };
  return errors ? errors.map(({ path }) => path) : error ? [error.param] : [];
}
