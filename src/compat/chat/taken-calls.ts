import { Injectable } from '@nestjs/common';
import { ServiceError } from '../../core/errors.js';

/** Long after so many later ones, nobody sends the outputs of a call at the same time any more. */
const MAX_REMEMBERED = 10_000;

/** Calls of callers' functions whose outputs one request has handed in, or is handing in: for any other it is too late. */
@Injectable()
export class TakenCalls {
  readonly #callIds = new Set<string>();

  has(callId: string): boolean {
    return this.#callIds.has(callId);
  }

  /** Runs `handIn` unless another request was first: throws `already_answered`. Where it fails, another one may try. */
  async take(callIds: readonly string[], handIn: () => Promise<void>): Promise<void> {
    if (callIds.some((callId) => this.#callIds.has(callId))) {
      throw new ServiceError('already_answered', 'Another request has handed in the outputs of these calls.');
    }
    callIds.forEach((callId) => this.#callIds.add(callId));
    try {
      await handIn();
    } catch (error) {
      callIds.forEach((callId) => this.#callIds.delete(callId));
      throw error;
    }
    for (const oldest of this.#callIds) {
      if (this.#callIds.size <= MAX_REMEMBERED) {
        break;
      }
      this.#callIds.delete(oldest);
    }
  }
}
