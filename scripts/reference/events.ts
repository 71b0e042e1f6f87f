import {
  NOTIFICATION_METHODS,
  SERVER_NOTIFICATIONS,
  SERVER_REQUEST_METHODS,
  SERVER_REQUESTS,
} from '../../src/codex/protocol/generated/methods.ts';
import { type OpenApiDocument } from './document.ts';
import { resolve, toFieldTable } from './type-text.ts';

/** Requests of the engine's that somebody has to answer are events too. */
const QUESTIONS = [
  'item/commandExecution/requestApproval',
  'item/fileChange/requestApproval',
  'item/permissions/requestApproval',
  'item/tool/requestUserInput',
  'mcpServer/elicitation/request',
  'item/tool/call',
] as const;

/** Every event that the engine can cause, with its payload. */
export function toEventSections(document: OpenApiDocument): string[] {
  const others = SERVER_REQUEST_METHODS.filter((name) => !QUESTIONS.some((question) => question === name));
  return [
    '### Questions',
    '',
    'Each is an [ApprovalRequested](#approvalrequested) and has these beside it:',
    '',
    ...QUESTIONS.flatMap((name) => toEvent(document, name, SERVER_REQUESTS[name].params, true)),
    '### Requests that nobody is asked',
    '',
    'These are no events. The server tells the time by itself and refuses the others, which are for clients that hold the',
    "account's credentials or speak an older protocol:",
    '',
    ...others.map((name) => `- \`${name}\``),
    '',
    '### Notifications',
    '',
    ...[...NOTIFICATION_METHODS].sort().flatMap((name) => {
      const { params, threadId } = SERVER_NOTIFICATIONS[name];
      return toEvent(document, name, params, threadId !== 'none');
    }),
  ];
}

function toEvent(document: OpenApiDocument, name: string, definition: string, isOfThread: boolean): string[] {
  const schema = { $ref: `#/components/schemas/Engine${definition}` };
  const about = resolve(document, schema)?.description ?? '';
  const place = isOfThread ? '' : ' On the server-wide stream.';
  return [`#### ${name}`, '', `${about}${place}`.trim(), '', ...toFieldTable(document, schema), ''];
}
