import { type EngineThread } from '../../../../src/core/engine/engine.js';
import { ServiceError } from '../../../../src/core/errors.js';
import { toNewRecord, toUnknownThread } from '../../../../src/core/threads/new-record.js';
import { type ThreadContext } from '../../../../src/core/threads/thread-context.js';
import { ThreadLoader } from '../../../../src/core/threads/thread-loader.js';
import { type ThreadRecord } from '../../../../src/core/threads/thread-record.js';

const AT = '2026-01-02T03:04:05.000Z';

describe('ThreadLoader', () => {
  let record: ThreadRecord;
  let calls: string[];
  let stored: PromiseWithResolvers<void>;
  let refusal: ServiceError | undefined;
  let loader: ThreadLoader;

  const thread = {
    get record() {
      return record;
    },
    turns: { isIdle: true },
    describe: ({ engineThreadId }: EngineThread) => {
      record = { ...record, engineThreadId };
      calls.push(`described as ${engineThreadId}`);
    },
    change: () => undefined,
  };

  beforeEach(() => {
    record = { ...toNewRecord(toUnknownThread('first', AT)), cwd: '/work', isMaterialized: false };
    calls = [];
    stored = Promise.withResolvers();
    refusal = undefined;
    const engine = {
      resumeThread: (id: string) => (refusal ? Promise.reject(refusal) : Promise.resolve(toUnknownThread(id, AT))),
      createThread: () => Promise.resolve(toUnknownThread('second', AT)),
    };
    const recorder = {
      durable: () => {
        calls.push('waits for the disk');
        return stored.promise;
      },
    };
    const bind: ThreadContext['bind'] = (_, load) => load();
    const workspace = { requireStill: (path: string) => Promise.resolve(path) };
    loader = new ThreadLoader(thread, { engine, recorder, bind, workspace } as unknown as ThreadContext);
  });

  it('lets nothing be done under a new name of the engine’s before that is on the disk', async () => {
    refusal = new ServiceError('thread_not_found', 'There is no such thread.');
    const loaded = loader.load().then(() => calls.push('loaded'));
    await new Promise(setImmediate);
    expect(calls).toEqual(['described as second', 'waits for the disk']);
    stored.resolve();
    await loaded;
    expect(calls.at(-1)).toBe('loaded');
  });

  it('waits for nothing when the engine has the thread under the name that is stored', async () => {
    await loader.load();
    expect(calls).toEqual(['described as first']);
  });

  it.each([
    ['thread_not_found', false, 'second'],
    ['gone', false, 'second'],
    ['gone', true, 'second'],
  ] as const)('makes it anew when the engine says %s (has written it: %s)', async (code, isMaterialized, name) => {
    record = { ...record, isMaterialized };
    refusal = new ServiceError(code, 'No.');
    stored.resolve();
    await loader.load();
    expect(record.engineThreadId).toBe(name);
  });

  it('never replaces a thread whose file is missing: its history may be somewhere', async () => {
    record = { ...record, isMaterialized: true };
    refusal = new ServiceError('thread_not_found', 'There is no such thread.');
    await expect(loader.load()).rejects.toMatchObject({ code: 'thread_unreadable' });
    expect(record.engineThreadId).toBe('first');
  });
});
