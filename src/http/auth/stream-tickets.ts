import { createHash, randomBytes } from 'node:crypto';
import { ServiceError } from '../../core/errors.js';
import { type Clock } from './clock.js';

const FIRST_USE_WITHIN_MS = 30_000;
const REOPEN_WITHIN_MS = 2 * 60_000;
const LIFETIME_MS = 12 * 3_600_000;
/** Beyond it the oldest unused ones are not kept for, so a loop that asks for tickets can't fill the memory. */
const MAX_TICKETS = 10_000;

export interface IssuedTicket {
  ticket: string;
  /** Unix milliseconds by which it must first be used. */
  firstUseByMs: number;
}

/** A ticket whose stream is open. */
export interface OpenTicket {
  /** The thread whose stream it opens; `null`: any of the two kinds of stream. */
  readonly threadId: string | null;
  /** When its stream must end, in Unix milliseconds. */
  readonly endsAtMs: number;
  /** Stands for the token it was issued for. */
  readonly callerId: string;
  /** The stream is over; the ticket may open it again for a while. */
  readonly close: () => void;
}

interface Ticket {
  readonly callerId: string;
  readonly threadId: string | null;
  readonly endsAtMs: number;
  isOpen: boolean;
  /** Until when it may be opened (again). */
  openByMs: number;
}

/**
 * Tickets that stand for the token in the address of an `EventSource`, which can't send headers. Each must first be used
 * within 30 s, opens one stream at a time, opens it again within 2 minutes after a drop, and ends after 12 hours. They
 * live in memory: after a restart a new one is asked for.
 */
export class StreamTickets {
  readonly #clock: Clock;
  /** By digest, so that neither a dump of the memory nor the time of a look-up tells a ticket. */
  readonly #tickets = new Map<string, Ticket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(callerId: string, threadId: string | null): IssuedTicket {
    const nowMs = this.#clock.nowMs();
    this.#forgetDead(nowMs);
    if (this.#tickets.size >= MAX_TICKETS) {
      throw new ServiceError('rate_limited', 'Too many stream tickets are in use; close streams or wait.', {
        retryAfterSeconds: FIRST_USE_WITHIN_MS / 1000,
      });
    }
    const ticket = randomBytes(32).toString('base64url');
    const firstUseByMs = nowMs + FIRST_USE_WITHIN_MS;
    const endsAtMs = nowMs + LIFETIME_MS;
    this.#tickets.set(digest(ticket), { callerId, threadId, endsAtMs, isOpen: false, openByMs: firstUseByMs });
    return { ticket, firstUseByMs };
  }

  /** `threadId`: whose stream is asked for, `null` the one of all threads. Throws `unauthorized`. */
  open(value: string, threadId: string | null): OpenTicket {
    const nowMs = this.#clock.nowMs();
    const key = digest(value);
    const ticket = this.#tickets.get(key);
    if (!ticket || isDead(ticket, nowMs)) {
      this.#tickets.delete(key);
      throw new ServiceError('unauthorized', 'The stream ticket is unknown or has expired; ask for a new one.');
    }
    if (ticket.threadId !== null && ticket.threadId !== threadId) {
      throw new ServiceError(
        'unauthorized',
        'The stream ticket is for the stream of one thread only, not for this one.',
      );
    }
    if (ticket.isOpen) {
      throw new ServiceError(
        'unauthorized',
        'The stream ticket has a stream open; close it or ask for another ticket.',
      );
    }
    ticket.isOpen = true;
    const { endsAtMs, callerId } = ticket;
    return {
      threadId: ticket.threadId,
      endsAtMs,
      callerId,
      close: () => {
        this.#close(ticket);
      },
    };
  }

  /** Every ticket of a token that is no longer good. */
  revokeAll(callerId: string): void {
    for (const [key, ticket] of this.#tickets) {
      if (ticket.callerId === callerId) {
        this.#tickets.delete(key);
      }
    }
  }

  #close(ticket: Ticket): void {
    ticket.isOpen = false;
    ticket.openByMs = Math.min(this.#clock.nowMs() + REOPEN_WITHIN_MS, ticket.endsAtMs);
  }

  #forgetDead(nowMs: number): void {
    for (const [key, ticket] of this.#tickets) {
      if (isDead(ticket, nowMs)) {
        this.#tickets.delete(key);
      }
    }
  }
}

function isDead({ isOpen, openByMs, endsAtMs }: Ticket, nowMs: number): boolean {
  return nowMs >= endsAtMs || (!isOpen && nowMs >= openByMs);
}

const digest = (value: string): string => createHash('sha256').update(value).digest('base64');
