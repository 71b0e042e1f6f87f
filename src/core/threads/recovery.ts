import { recordSettled } from '../approvals/pending-approvals.js';
import { settle } from '../approvals/approval-state.js';
import { lostTurnEvents, nextTurn } from '../turns/turn-state.js';
import { type ThreadContext } from './thread-context.js';

const REASON = 'The server was restarted while this turn was running.';

/**
 * Settles what the last run of the server left open: running turns end as interrupted and pending approvals as
 * expired, each with its events. Returns the ids of the threads whose queues are to be gone on with.
 */
export function recover(ports: Pick<ThreadContext, 'recorder' | 'turns' | 'approvals' | 'turnObserver'>): string[] {
  const { recorder, turns, approvals, turnObserver } = ports;
  const waiting = new Set<string>();
  for (const approval of approvals.pending()) {
    recordSettled(recorder, settle(approval, { type: 'expired' }, recorder.now().iso));
  }
  for (const turn of turns.openTurns()) {
    if (turn.status === 'queued') {
      waiting.add(turn.threadId);
      continue;
    }
    const ended = nextTurn(turn, { type: 'ended', status: 'interrupted', error: null }, recorder.now());
    recorder.turn(ended);
    turnObserver.ended(ended);
    for (const event of lostTurnEvents(ended, REASON)) {
      recorder.event(event);
    }
  }
  return [...waiting];
}
