import { type SseFrame, type SseReader } from './sse-reader.js';
import { type App, type Json, WRITABLE } from './start-app.js';

const QUESTIONS = {
  questions: [
    {
      id: 'size',
      header: 'Size',
      question: 'Which size?',
      options: [
        { label: 'small', description: 'Less.' },
        { label: 'large', description: 'More.' },
      ],
    },
  ],
};

/** What a thread needs for a turn of nearly every kind of item and of every kind of question. */
export const RICH_THREAD = {
  sandbox: WRITABLE.sandbox,
  config: {
    ...WRITABLE.config,
    'features.request_permissions_tool': true,
    'features.default_mode_request_user_input': true,
  },
  metadata: { ownKey: 'own value' },
  dynamic_tools: [
    {
      type: 'function',
      name: 'weather',
      description: 'Tells the weather.',
      input_schema: { type: 'object', properties: { cityName: { type: 'string' } } },
    },
  ],
};

/** A script that needs the MCP server `desk`. */
export function richScript(outside: string): string {
  return [
    'think: **Looking around**',
    'say: I begin.',
    'run: echo seen && sleep 0.1',
    'patch: *** Begin Patch\n*** Add File: inside.txt\n+one\n*** End Patch',
    'run escalated: echo out because: May I?',
    `patch: *** Begin Patch\n*** Add File: ${outside}\n+one\n*** End Patch`,
    'call: request_permissions {"permissions":{"network":{"enabled":true}}}',
    `ask: ${JSON.stringify(QUESTIONS)}`,
    'mcp: desk echo {"deepKey": {"innerKey": 1}}',
    'call: weather {"cityName":"Bern"}',
    'say: Done.',
  ].join('\n');
}

const ANSWERS: Readonly<Record<string, Json>> = {
  'item/tool/requestUserInput': { decision: 'approve', answers: { size: ['small'] } },
  'item/tool/call': { decision: 'approve', result: { content: [{ type: 'text', text: 'Rain.' }], success: true } },
};

/** Says yes to whatever the turn asks, until it is over. Resolves with the kinds of the questions, in their order. */
export async function answerAll(app: App, stream: SseReader, turnId: string): Promise<string[]> {
  const kinds: string[] = [];
  const isEnd = ({ event, data }: SseFrame): boolean => event === 'turn/completed' && (data.turn as Json).id === turnId;
  const isNews = (frame: SseFrame): boolean => isEnd(frame) || frame.data.available_decisions !== undefined;
  for (let next = await stream.until(isNews); !isEnd(next);) {
    const { thread_id: threadId, approval_id: approvalId, kind } = next.data;
    kinds.push(String(kind));
    const body = ANSWERS[next.event ?? ''] ?? { decision: 'approve' };
    await app.post(`/api/v2/threads/${String(threadId)}/approvals/${String(approvalId)}`, body).expect(200);
    next = await stream.until(isNews, stream.frames.indexOf(next) + 1);
  }
  return kinds;
}
