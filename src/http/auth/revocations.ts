import { Injectable } from '@nestjs/common';
import { Subject } from 'rxjs';
import { RequestObserver } from '../observe/request-observer.js';
import { ProblemWriter } from '../problem/problem-writer.js';
import { SseStreams } from '../sse/sse-streams.js';
import { StreamTickets } from './stream-tickets.js';
import { toRevoked } from './to-revoked.js';

/** Ends what is open for a token that is no longer good. What the agent does for it goes on; nobody is told of it. */
@Injectable()
export class Revocations {
  readonly #callerIds = new Subject<string>();
  /** Whose token has just been revoked, for who holds something open that is not an answer to a request. */
  readonly callerIds = this.#callerIds.asObservable();

  constructor(
    private readonly tickets: StreamTickets,
    private readonly streams: SseStreams,
    private readonly observer: RequestObserver,
    private readonly problems: ProblemWriter,
  ) {}

  revoke(callerId: string): void {
    this.tickets.revokeAll(callerId);
    this.streams.endOf(callerId);
    for (const { req, res } of this.observer.open) {
      if (req.caller?.id === callerId && req.isStream !== true) {
        this.problems.cutOff(req, res, toRevoked());
      }
    }
    this.#callerIds.next(callerId);
  }
}
