import {
  NOTIFICATION_METHODS,
  SERVER_NOTIFICATIONS,
  SERVER_REQUEST_METHODS,
  SERVER_REQUESTS,
} from '../../src/codex/protocol/generated/methods.ts';
import { type OpenApiDocument, type Schema } from './document.ts';
import { resolve, toComponentName, toFieldTable, toShape } from './type-text.ts';

/** Requests of the engine's that somebody has to answer are events too. */
const QUESTIONS = [
  'item/commandExecution/requestApproval',
  'item/fileChange/requestApproval',
  'item/permissions/requestApproval',
  'item/tool/requestUserInput',
  'mcpServer/elicitation/request',
  'item/tool/call',
] as const;

const TYPES = 'types.md';
/** Explained once for all events that have them. */
const SHARED = ['EventEnvelope', 'ApprovalRequested'];

/** Every event of a stream, with its payload. */
export function toEventPage(document: OpenApiDocument): string[] {
  const others = SERVER_REQUEST_METHODS.filter((name) => !QUESTIONS.some((question) => question === name));
  return [
    '# Event types',
    '',
    'What the `data:` line of a frame holds. Each payload is an object with these fields beside its own:',
    '',
    ...toFieldTable(document, { $ref: '#/components/schemas/EventEnvelope' }, TYPES),
    '',
    'and with `event`, `thread_id` and `turn_id`, where it is of a thread and of a turn. How streams work is in',
    '[API.md](../../API.md#event-streams).',
    '',
    '## Events of the service',
    '',
    'Frames named `stream/…` are about the stream itself: they have no number and no `emitted_at`.',
    '',
    ...toOwnEvents(document),
    '## Questions of the engine',
    '',
    `Each is an [ApprovalRequested](${TYPES}#approvalrequested) and has these beside it:`,
    '',
    ...QUESTIONS.flatMap((name) => toEvent(document, name, SERVER_REQUESTS[name].params, true)),
    '## Requests that are not events',
    '',
    'The server answers `currentTime/read` itself and refuses the others: they are for clients that hold the credentials of',
    'the account, or that speak an older protocol.',
    '',
    ...others.map((name) => `- \`${name}\``),
    '',
    '## Notifications of the engine',
    '',
    ...[...NOTIFICATION_METHODS].sort().flatMap((name) => {
      const { params, threadId } = SERVER_NOTIFICATIONS[name];
      return toEvent(document, name, params, threadId !== 'none');
    }),
  ];
}

const membersOf = (document: OpenApiDocument): Schema[] => document.components.schemas.StreamEvent?.oneOf ?? [];

/** Those that the engine does not name. */
function toOwnEvents(document: OpenApiDocument): string[] {
  const engines: readonly string[] = [...QUESTIONS, ...NOTIFICATION_METHODS];
  const own = membersOf(document).filter(({ title = '' }) => !engines.includes(title));
  return own.flatMap(({ title = '', allOf = [] }) => {
    const about = resolve(document, allOf[0])?.description ?? '';
    return [`### ${title}`, '', about, '', ...toFieldTable(document, allOf[0], TYPES), ''];
  });
}

function toEvent(document: OpenApiDocument, name: string, definition: string, isOfThread: boolean): string[] {
  const schema = { $ref: `#/components/schemas/Engine${definition}` };
  const about = resolve(document, schema)?.description ?? '';
  const place = isOfThread ? '' : ' On the server-wide stream.';
  return [
    ...[`### ${name}`, '', `${about}${place}`.trim(), ''],
    ...toShape(document, schema, TYPES),
    ...toAdditions(document, name),
  ];
}

/** What the service adds to a payload of the engine. */
function toAdditions(document: OpenApiDocument, name: string): string[] {
  const parts = membersOf(document).find(({ title }) => title === name)?.allOf ?? [];
  const added = parts
    .slice(1)
    .filter(({ $ref }) => $ref !== undefined && !SHARED.includes(toComponentName($ref)))
    .flatMap((part) => toFieldTable(document, part, TYPES));
  return added.length === 0 ? [] : ['The service adds:', '', ...added, ''];
}
