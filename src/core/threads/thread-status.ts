import { type Payload } from '../engine/payload.js';
import { isPayload } from './thread-events.js';

/** `waiting`: the agent has asked somebody, and goes on when that is answered. */
export const THREAD_STATUSES = ['idle', 'active', 'waiting', 'not_loaded', 'error'] as const;
export type ThreadStatus = (typeof THREAD_STATUSES)[number];

/** The payload as it is to be told: a change of the status says it in the word of the thread itself too. */
export function withThreadStatus(name: string, payload: Payload, pendingApprovals: number): Payload {
  if (name !== 'thread/status/changed' || !isPayload(payload.status)) {
    return payload;
  }
  const { type, active_flags: flags } = payload.status;
  const isWaiting = pendingApprovals > 0 || (Array.isArray(flags) && flags.length > 0);
  const word = type === 'system_error' ? 'error' : type;
  return { ...payload, thread_status: word === 'active' && isWaiting ? 'waiting' : word };
}
