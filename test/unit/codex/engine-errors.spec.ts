import { toServiceError } from '../../../src/codex/engine-errors.js';
import { RpcError } from '../../../src/codex/rpc/rpc-error.js';

const THREAD = '019a5d6e-0000-7000-8000-000000000000';

it.each([
  ['thread/resume', `thread ${THREAD} is closing; retry thread/resume after the thread is closed`],
  ['turn/start', `thread ${THREAD} is closing; retry after the thread is closed`],
])('a thread that the engine is letting go of is a conflict for %s, which passes', (method, message) => {
  expect(toServiceError(new RpcError(method, -32600, message, undefined))).toMatchObject({ code: 'conflict' });
});

it('the same words in the middle of others, or of another method, are none of the engine', () => {
  const words = `it said "thread ${THREAD} is closing; retry after the thread is closed" to me`;
  for (const method of ['thread/resume', 'config/read']) {
    expect(toServiceError(new RpcError(method, -32600, words, undefined)).code).toBe('invalid_request');
  }
});
