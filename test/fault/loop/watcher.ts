import type { Frame } from './follower.ts';
import type { Ledger } from './ledger.ts';
import type { Moment, Moments } from './moments.ts';

interface EventData {
  turn_id?: string | null;
  approval_id?: string;
}

const TURN_MOMENTS: Readonly<Record<string, Moment>> = {
  'turn/started': 'turn started',
  'turn/queued': 'turn queued',
  'turn/completed': 'turn ended',
  'turn/cancelled': 'turn ended',
};

/** What the streams have told so far of turns and approvals. */
export class Watcher {
  readonly #ledger: Ledger;
  readonly #moments: Moments;
  readonly #ended = new Set<string>();
  readonly #waiting = new Set<() => void>();
  onQuestion: (approvalId: string) => void = () => undefined;

  constructor(ledger: Ledger, moments: Moments) {
    this.#ledger = ledger;
    this.#moments = moments;
  }

  /** Takes an event of a thread's own stream. */
  take(threadId: string, { event, text }: Frame): void {
    if (event.endsWith('elta')) {
      return;
    }
    const { turn_id: turnId = null, approval_id: approvalId } = JSON.parse(text) as EventData;
    const moment = TURN_MOMENTS[event];
    if (moment === 'turn ended') {
      this.#end(turnId);
    }
    if (moment) {
      this.#moments.tell(moment);
    } else if (event.endsWith('/requestApproval') && approvalId !== undefined) {
      this.#ask({ approvalId, threadId, turnId });
    } else if (event === 'approval/resolved' && approvalId !== undefined) {
      this.#resolve(approvalId);
    }
  }

  hasEnded(turnId: string): boolean {
    return this.#ended.has(turnId);
  }

  /** Resolves when the stream shows the turn's end. */
  async untilEnded(turnId: string): Promise<void> {
    while (!this.#ended.has(turnId)) {
      await this.#next();
    }
  }

  #next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#waiting.add(() => {
      resolve(undefined);
    });
    return promise;
  }

  #end(turnId: string | null): void {
    if (turnId === null) {
      return;
    }
    this.#ended.add(turnId);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) {
      wake();
    }
  }

  #ask(asked: { approvalId: string; threadId: string; turnId: string | null }): void {
    const fresh = { isResolved: false, sent: undefined, acked: undefined, inFlightAtKillOf: undefined };
    this.#ledger.approvals.set(asked.approvalId, { ...asked, ...fresh });
    this.#moments.tell('question seen');
    this.onQuestion(asked.approvalId);
  }

  #resolve(approvalId: string): void {
    const approval = this.#ledger.approvals.get(approvalId);
    if (approval) {
      approval.isResolved = true;
    }
  }
}
