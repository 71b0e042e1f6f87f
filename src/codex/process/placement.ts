import { type EngineHost, type HostKind } from './engine-host.js';

/** Requests that any process can do, and that take a while there. */
const SPREAD = new Set(['thread/start', 'command/exec']);

export interface Hosts {
  /** By their places. */
  current: readonly EngineHost[];
  /** The same, and those that were replaced but have not ended. */
  all: readonly EngineHost[];
}

/**
 * Which process a request is for. A thread has one writer, so all that concerns it goes to the process that has it in
 * memory; a thread that none has goes to the one of its kind with the least to do. What concerns no thread goes to the first, which
 * so is the one where a log-in goes on.
 */
export function chooseHost(
  { current, all }: Hosts,
  { method, params, kind = 'agent' }: { method: string; params: unknown; kind?: HostKind },
): EngineHost {
  const hosts = { current: current.filter((host) => host.kind === kind), all };
  const { threadId, loginId } = (params ?? {}) as { threadId?: unknown; loginId?: unknown };
  if (typeof threadId === 'string') {
    return hosts.all.find(({ activity }) => activity.threads.has(threadId)) ?? freest(hosts);
  }
  if (SPREAD.has(method)) {
    return freest(hosts);
  }
  return hosts.all.find(({ activity }) => activity.hasLogin(loginId)) ?? first(usable(hosts));
}

function freest(hosts: Hosts): EngineHost {
  const load = ({ activity }: EngineHost): number => activity.threads.size + activity.callsInFlight;
  return usable(hosts).reduce((best, host) => (load(host) < load(best) ? host : best));
}

/** Those that are up, or else all; of them those that know the account as it is, or else all. */
function usable({ current }: Hosts): readonly EngineHost[] {
  const ready = orAll(current, ({ supervisor }) => supervisor.isReady);
  return orAll(ready, ({ isStale }) => !isStale);
}

function orAll(hosts: readonly EngineHost[], isGood: (host: EngineHost) => boolean): readonly EngineHost[] {
  const good = hosts.filter(isGood);
  return good.length > 0 ? good : hosts;
}

function first(hosts: readonly EngineHost[]): EngineHost {
  const [host] = hosts;
  if (!host) {
    throw new TypeError('An engine has one process at least.');
  }
  return host;
}
