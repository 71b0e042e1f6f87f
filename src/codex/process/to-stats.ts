import { type EngineProcessStats } from '../../core/engine/engine-stats.js';
import { type EngineHost } from './engine-host.js';

export function toStats({ place, supervisor, business, sample }: EngineHost, isRetiring: boolean): EngineProcessStats {
  const state = supervisor.isReady ? 'ready' : 'starting';
  return {
    place,
    pid: supervisor.pid,
    state: isRetiring ? 'retiring' : state,
    ageMs: Math.round(supervisor.ageMs),
    loadedThreads: business.threads.size,
    activeThreads: business.activeThreads,
    requestsInFlight: business.callsInFlight,
    rssBytes: sample?.rssBytes,
    childProcesses: sample?.children,
  };
}
