import {
  NOTIFICATION_METHODS,
  SERVER_NOTIFICATIONS,
  SERVER_REQUEST_METHODS,
  SERVER_REQUESTS,
} from '../../../../src/codex/protocol/generated/methods.js';
import { QUESTION_KINDS } from '../../../../src/codex/answers.js';
import { NOTIFICATION_PAYLOADS } from '../../../../src/codex/event-payloads.js';
import { toNotification, toQuestion } from '../../../../src/codex/signals.js';
import { components, definitions } from './generated-files.js';
import { samplesOf } from './samples.js';

interface Params {
  threadId?: string | null;
  turnId?: string | null;
  thread?: { id: string };
  turn?: { id: string };
}

/** What the engine asks of a program and not of a person: the time is told, the others are refused. */
const NOT_FOR_PEOPLE = [
  'account/chatgptAuthTokens/refresh',
  'applyPatchApproval',
  'attestation/generate',
  'currentTime/read',
  'execCommandApproval',
];

/** Where the id stands, by the word of the generated table. A new word has no way here, and so fails. */
const THREAD_OF: Readonly<Record<string, (params: Params) => string | null>> = {
  required: ({ threadId }) => requireText(threadId),
  nested: ({ thread }) => requireText(thread?.id),
  optional: ({ threadId }) => threadId ?? null,
  none: () => null,
};

const TURN_OF: Readonly<Record<string, (params: Params) => string | null>> = {
  required: ({ turnId }) => requireText(turnId),
  nested: ({ turn }) => requireText(turn?.id),
  optional: ({ turnId }) => turnId ?? null,
  none: () => null,
};

function requireText(id: string | null | undefined): string {
  if (typeof id !== 'string') {
    throw new Error('The id that the table promises is not there.');
  }
  return id;
}

describe.each(NOTIFICATION_METHODS)("the engine's %s", (method) => {
  const { params: definition, threadId, turnId } = SERVER_NOTIFICATIONS[method];
  const samples = samplesOf(definitions, definition) as Params[];

  it('goes to the stream of its thread, or else to that of the server', () => {
    const routes = samples.map((params) => {
      const { event, engineThreadId, engineTurnId } = toNotification(method, params);
      return { name: event.name, engineThreadId, engineTurnId };
    });
    expect(routes).toEqual(
      samples.map((params) => ({
        name: method,
        engineThreadId: THREAD_OF[threadId]!(params),
        engineTurnId: TURN_OF[turnId]!(params),
      })),
    );
  });

  it('has its payload in the document', () => {
    expect(NOTIFICATION_PAYLOADS[method]).toBe(`Engine${definition}`);
    expect(components).toHaveProperty(`Engine${definition}`);
  });
});

describe("the engine's requests", () => {
  it('are questions to people, but for those that no person can answer', () => {
    const others = SERVER_REQUEST_METHODS.filter((method) => !(method in QUESTION_KINDS));
    expect([...others].sort()).toEqual(NOT_FOR_PEOPLE);
    expect(Object.keys(QUESTION_KINDS).filter((method) => !(method in SERVER_REQUESTS))).toEqual([]);
  });

  it.each(SERVER_REQUEST_METHODS)('go to the stream of their thread, if they are questions: %s', (method) => {
    const { params: definition, turnId } = SERVER_REQUESTS[method];
    for (const params of samplesOf(definitions, definition) as Params[]) {
      const question = toQuestion(method, params, 'ref');
      expect(question && { name: question.name, kind: question.kind, threadId: question.engineThreadId }).toEqual(
        method in QUESTION_KINDS
          ? { name: method, kind: QUESTION_KINDS[method], threadId: requireText(params.threadId) }
          : undefined,
      );
      expect(question?.engineTurnId ?? null).toBe(question ? TURN_OF[turnId]!(params) : null);
    }
  });
});
