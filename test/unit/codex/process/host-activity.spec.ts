import { HostActivity } from '../../../../src/codex/process/host-activity.js';

/** How far the promise is, once everything that is due has happened. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))]);
}

describe('what goes on in a process of the engine', () => {
  let activity: HostActivity;

  beforeEach(() => {
    activity = new HostActivity();
  });

  const load = (threadId: string): void => {
    activity.begin('thread/resume', { threadId }).succeeded({ thread: { id: threadId } });
  };

  it('counts a thread from the moment that it is asked for, and not when that failed', () => {
    const resuming = activity.begin('thread/resume', { threadId: 'a' });
    expect([...activity.threads]).toEqual(['a']);
    resuming.failed();
    expect([[...activity.threads], activity.callsInFlight]).toEqual([[], 0]);
    activity.begin('thread/start', {}).succeeded({ thread: { id: 'b' } });
    activity.hear('thread/status/changed', { threadId: 'c', status: { type: 'idle' } });
    expect([...activity.threads]).toEqual(['b', 'c']);
    activity.hear('thread/closed', { threadId: 'b' });
    activity.hear('thread/deleted', { threadId: 'c' });
    expect([...activity.threads]).toEqual([]);
  });

  it('takes a thread for busy from the request for a turn to the end of the turn', () => {
    load('a');
    const starting = activity.begin('turn/start', { threadId: 'a' });
    expect(activity.isBusy('a')).toBe(true);
    starting.succeeded({ turn: { id: 't' } });
    expect(activity.isBusy('a')).toBe(true);
    activity.hear('turn/started', { threadId: 'a', turn: { id: 't' } });
    activity.hear('turn/completed', { threadId: 'a', turn: { id: 't' } });
    expect([activity.isBusy('a'), activity.activeThreads]).toEqual([false, 0]);
    activity.begin('turn/start', { threadId: 'a' }).failed();
    expect(activity.isBusy('a')).toBe(false);
  });

  it('is not misled by an end that is told before the answer', () => {
    load('a');
    const starting = activity.begin('turn/start', { threadId: 'a' });
    activity.hear('turn/started', { threadId: 'a' });
    activity.hear('turn/completed', { threadId: 'a' });
    starting.succeeded({});
    expect(activity.isBusy('a')).toBe(false);
  });

  it('knows for which thread an agent of the engine itself works', () => {
    const set = (threadId: string, type: string): void => {
      activity.hear('thread/status/changed', { threadId, status: { type } });
    };
    const spawn = (senderThreadId: string, receiver: string): void => {
      const item = { type: 'collabAgentToolCall', senderThreadId, receiverThreadIds: [receiver] };
      activity.hear('item/completed', { threadId: senderThreadId, item });
    };
    const atWork = (): boolean[] => ['a', 'b'].map((threadId) => activity.hasAgentAtWork(threadId));
    load('a');
    load('b');
    set('a', 'active');
    expect(atWork()).toEqual([false, false]);
    spawn('a', 'agent');
    spawn('agent', 'helper');
    spawn('helper', 'agent');
    set('helper', 'active');
    expect(atWork()).toEqual([true, false]);
    spawn('one', 'other');
    spawn('other', 'one');
    set('one', 'active');
    expect(atWork()).toEqual([true, true]);
    set('one', 'idle');
    set('helper', 'idle');
    set('unheard-of', 'active');
    expect(atWork()).toEqual([true, true]);
    set('unheard-of', 'idle');
    expect(atWork()).toEqual([false, false]);
  });

  it('is done when no thread is loaded, nothing runs, nobody waits and no log-in goes on', async () => {
    load('a');
    const calling = activity.begin('command/exec', {});
    activity.begin('account/login/start', {}).succeeded({ loginId: 'l' });
    const done = activity.whenDone(60_000);
    expect([await isSettled(done), activity.hasLogin('l')]).toEqual([false, true]);
    activity.hear('thread/closed', { threadId: 'a' });
    expect(await isSettled(done)).toBe(false);
    calling.failed();
    expect(await isSettled(done)).toBe(false);
    activity.hear('account/login/completed', { loginId: 'l', success: false });
    expect(await isSettled(done)).toBe(true);
  });

  it('gives up threads in which nothing runs in the end, but never a turn', async () => {
    load('a');
    activity.hear('turn/started', { threadId: 'a' });
    const done = activity.whenDone(0);
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await isSettled(done)).toBe(false);
    activity.hear('turn/completed', { threadId: 'a' });
    expect(await isSettled(done)).toBe(true);
  });

  it('hands over what it had when the process is gone', async () => {
    load('a');
    activity.hear('turn/started', { threadId: 'a' });
    const closed = activity.whenClosed('a');
    expect([...activity.reset()]).toEqual(['a']);
    expect([await isSettled(closed), activity.threads.size, activity.activeThreads]).toEqual([true, 0, 0]);
  });

  it.each([
    ['thread/status/changed', { threadId: 'a' }],
    ['thread/started', null],
    ['turn/completed', 'text'],
    ['turn/started', { threadId: 7 }],
    ['account/login/completed', undefined],
  ])('changes nothing that matters at a %s of %j', (method, params) => {
    activity.hear(method, params);
    expect([activity.activeThreads, activity.callsInFlight]).toEqual([0, 0]);
  });
});
