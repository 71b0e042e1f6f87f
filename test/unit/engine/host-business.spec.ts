import { HostBusiness } from '../../../src/codex/process/host-business.js';

/** How far the promise is, once everything that is due has happened. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))]);
}

describe('what goes on in a process of the engine', () => {
  let business: HostBusiness;

  beforeEach(() => {
    business = new HostBusiness();
  });

  const load = (threadId: string): void => {
    business.begin('thread/resume', { threadId }).succeeded({ thread: { id: threadId } });
  };

  it('counts a thread from the moment that it is asked for, and not when that failed', () => {
    const resuming = business.begin('thread/resume', { threadId: 'a' });
    expect([...business.threads]).toEqual(['a']);
    resuming.failed();
    expect([[...business.threads], business.callsInFlight]).toEqual([[], 0]);
    business.begin('thread/start', {}).succeeded({ thread: { id: 'b' } });
    business.hear('thread/status/changed', { threadId: 'c', status: { type: 'idle' } });
    expect([...business.threads]).toEqual(['b', 'c']);
    business.hear('thread/closed', { threadId: 'b' });
    business.hear('thread/deleted', { threadId: 'c' });
    expect([...business.threads]).toEqual([]);
  });

  it('takes a thread for busy from the request for a turn to the end of the turn', () => {
    load('a');
    const starting = business.begin('turn/start', { threadId: 'a' });
    expect(business.isBusy('a')).toBe(true);
    starting.succeeded({ turn: { id: 't' } });
    expect(business.isBusy('a')).toBe(true);
    business.hear('turn/started', { threadId: 'a', turn: { id: 't' } });
    business.hear('turn/completed', { threadId: 'a', turn: { id: 't' } });
    expect([business.isBusy('a'), business.activeThreads]).toEqual([false, 0]);
    business.begin('turn/start', { threadId: 'a' }).failed();
    expect(business.isBusy('a')).toBe(false);
  });

  it('is not misled by an end that is told before the answer', () => {
    load('a');
    const starting = business.begin('turn/start', { threadId: 'a' });
    business.hear('turn/started', { threadId: 'a' });
    business.hear('turn/completed', { threadId: 'a' });
    starting.succeeded({});
    expect(business.isBusy('a')).toBe(false);
  });

  it('knows for which thread an agent of the engine itself works', () => {
    const set = (threadId: string, type: string): void => {
      business.hear('thread/status/changed', { threadId, status: { type } });
    };
    const spawn = (senderThreadId: string, receiver: string): void => {
      const item = { type: 'collabAgentToolCall', senderThreadId, receiverThreadIds: [receiver] };
      business.hear('item/completed', { threadId: senderThreadId, item });
    };
    const atWork = (): boolean[] => ['a', 'b'].map((threadId) => business.hasAgentAtWork(threadId));
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
    const calling = business.begin('command/exec', {});
    business.begin('account/login/start', {}).succeeded({ loginId: 'l' });
    const done = business.whenDone(60_000);
    expect([await isSettled(done), business.hasLogin('l')]).toEqual([false, true]);
    business.hear('thread/closed', { threadId: 'a' });
    expect(await isSettled(done)).toBe(false);
    calling.failed();
    expect(await isSettled(done)).toBe(false);
    business.hear('account/login/completed', { loginId: 'l', success: false });
    expect(await isSettled(done)).toBe(true);
  });

  it('gives up threads in which nothing runs in the end, but never a turn', async () => {
    load('a');
    business.hear('turn/started', { threadId: 'a' });
    const done = business.whenDone(0);
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await isSettled(done)).toBe(false);
    business.hear('turn/completed', { threadId: 'a' });
    expect(await isSettled(done)).toBe(true);
  });

  it('hands over what it had when the process is gone', async () => {
    load('a');
    business.hear('turn/started', { threadId: 'a' });
    const closed = business.whenClosed('a');
    expect([...business.reset()]).toEqual(['a']);
    expect([await isSettled(closed), business.threads.size, business.activeThreads]).toEqual([true, 0, 0]);
  });

  it.each([
    ['thread/status/changed', { threadId: 'a' }],
    ['thread/started', null],
    ['turn/completed', 'text'],
    ['turn/started', { threadId: 7 }],
    ['account/login/completed', undefined],
  ])('changes nothing that matters at a %s of %j', (method, params) => {
    business.hear(method, params);
    expect([business.activeThreads, business.callsInFlight]).toEqual([0, 0]);
  });
});
