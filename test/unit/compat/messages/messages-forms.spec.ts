import { ServiceError } from '../../../../src/core/errors.js';
import { MESSAGES_SHAPE } from '../../../../src/compat/messages/errors.js';
import { MessagesController } from '../../../../src/compat/messages/messages.controller.js';
import { eventMsg } from '../../../../src/compat/messages/event-msg/event-msg.js';
import { toSessionConfigured } from '../../../../src/compat/messages/from-core.js';
import { toShellWords } from '../../../../src/compat/messages/shell-words.js';

describe('a command line', () => {
  it.each([
    ['ls -la', ['ls', '-la']],
    [`bash -lc 'echo "it is" $HOME'`, ['bash', '-lc', 'echo "it is" $HOME']],
    [`echo "a \\"b\\" \\$c" d\\ e ''`, ['echo', 'a "b" $c', 'd e', '']],
    [`echo 'it'"'"'s'`, ['echo', "it's"]],
    [`echo 'open`, [`echo 'open`]],
    ['  ', []],
  ])('%s is taken apart as a shell does', (line, words) => {
    expect(toShellWords(line)).toEqual(words);
  });
});

it('a session says what it works with, in the words of the engine', () => {
  const record = {
    threadId: 's1',
    model: 'm',
    modelProvider: null,
    approvalPolicy: 'on-request',
    sandbox: { type: 'workspace_write', writable_roots: [], network_access: false },
    cwd: '/w',
    reasoningEffort: null,
  };
  const told = toSessionConfigured(record as unknown as Parameters<typeof toSessionConfigured>[0]);
  expect(eventMsg.parse(told)).toEqual(told);
  expect(told).toEqual({
    type: 'session_configured',
    session_id: 's1',
    model: 'm',
    model_provider_id: '',
    approval_policy: 'on-request',
    sandbox_policy: { type: 'workspace-write', writable_roots: [], network_access: false },
    cwd: '/w',
    history_log_id: 0,
    history_entry_count: 0,
  });
});

it('an error has the status of its code and the form of an event', () => {
  const error = new ServiceError('forbidden', 'No.', { fields: [{ path: 'work_dir', message: 'must be inside' }] });
  expect(MESSAGES_SHAPE.toAnswer(error, { path: '/messages', requestId: 'r' })).toEqual({
    status: 403,
    body: { type: 'error', message: 'No.', code: 'forbidden', errors: error.fields },
  });
});

it('a token that may not approve can not confirm', () => {
  const controller = new MessagesController(undefined as never, undefined as never, undefined as never);
  const res = { setHeader: () => undefined };
  const confirm = (caller: object | null): unknown =>
    controller.postMessage(
      { type: 'user_confirm', id: 's1', message: 'approve' },
      undefined as never,
      { caller, res } as never,
    );
  expect(() => confirm({ scopes: new Set(['read', 'write']) })).toThrow('lacks the scope "approve"');
  expect(() => confirm(null)).toThrow('Send the token');
});
