import { type EngineProcessStats } from '../../core/engine/engine-stats.js';
import { type EngineHost } from './engine-host.js';

export function toStats({ place, supervisor, activity, sample }: EngineHost, isRetiring: boolean): EngineProcessStats {
  const state = supervisor.isReady ? 'ready' : 'starting';
  return {
    place,
    pid: supervisor.pid,
    state: isRetiring ? 'retiring' : state,
    ageMs: Math.round(supervisor.ageMs),
    loadedThreads: activity.threads.size,
    activeThreads: activity.activeThreads,
    requestsInFlight: activity.callsInFlight,
    rssBytes: sample?.rssBytes,
    childProcesses: sample?.children,
  };
}
