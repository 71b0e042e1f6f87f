import { type ServiceEvent, withPayload } from '../events/catalogue.js';

/** `waiting`: the agent has asked somebody, and goes on when that is answered. */
export const THREAD_STATUSES = ['idle', 'active', 'waiting', 'not_loaded', 'error'] as const;
export type ThreadStatus = (typeof THREAD_STATUSES)[number];

/** The event as it is to be told: a change of the status says it in the word of the thread itself too. */
export function withThreadStatus(event: ServiceEvent, pendingApprovals: number): ServiceEvent {
  if (event.type !== 'thread/status/changed') {
    return event;
  }
  const { type, active_flags: flags } = event.payload.status;
  const isWaiting = pendingApprovals > 0 || (Array.isArray(flags) && flags.length > 0);
  const word = type === 'system_error' ? 'error' : type;
  const status = word === 'active' && isWaiting ? 'waiting' : word;
  return withPayload(event, { ...event.payload, thread_status: status });
}
