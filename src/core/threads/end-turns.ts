import { within } from '../within.js';
import { type Thread } from './thread.js';

/** How long an engine has to take an interrupt at the end. */
const INTERRUPT_MS = 3_000;

/**
 * Waits for the running turns of these threads to end, and interrupts those that take longer than `graceMs`. Resolves in
 * any case: an engine that does not answer is ended next, and its turns are interrupted by the next start.
 * @param release lets go of an engine that is held, or will be: it would not answer, and what it still says is little
 */
export async function endTurns(threads: readonly Thread[], graceMs: number, release: () => void): Promise<void> {
  const running = threads.filter(({ activeTurn }) => activeTurn);
  await within(graceMs, Promise.all(running.map((thread) => thread.whenIdle())));
  const late = running.flatMap((thread) => (thread.activeTurn ? [{ thread, ...thread.activeTurn }] : []));
  if (late.length > 0) {
    release();
    await within(INTERRUPT_MS, Promise.allSettled(late.map(({ thread, turnId }) => thread.interrupt(turnId))));
  }
}
