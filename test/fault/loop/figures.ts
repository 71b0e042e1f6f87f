/** What a run of the loop did, summed over its rounds. */
export interface Figures {
  rounds: number;
  serverKills: number;
  engineKills: number;
  /** Of the server kills, those that hit it before it listened again. */
  killsInStart: number;
  threads: number;
  turns: number;
  completed: number;
  interrupted: number;
  cancelled: number;
  attachments: number;
  approvals: number;
  answered: number;
  expired: number;
  /** Events in the logs at the end of the rounds, and how many of them clients had seen before. */
  events: number;
  eventsSeen: number;
  reconnects: number;
  /** Requests that were sent again since nothing, or "not now", came back. */
  retries: number;
  /** Requests sent again after all was over, to get the same answer. */
  replays: number;
  violations: number;
}

export function newFigures(): Figures {
  return {
    ...{ rounds: 0, serverKills: 0, engineKills: 0, killsInStart: 0, threads: 0 },
    ...{ turns: 0, completed: 0, interrupted: 0, cancelled: 0, attachments: 0 },
    ...{ approvals: 0, answered: 0, expired: 0, events: 0, eventsSeen: 0 },
    ...{ reconnects: 0, retries: 0, replays: 0, violations: 0 },
  };
}

export function addFigures(sum: Figures, more: Figures): Figures {
  const total = { ...sum };
  for (const name of Object.keys(sum) as (keyof Figures)[]) {
    total[name] += more[name];
  }
  return total;
}

export function toText(figures: Figures): string {
  const { rounds, serverKills, engineKills, killsInStart } = figures;
  return [
    `rounds       ${String(rounds)}`,
    `kills        ${String(serverKills)} of the server (${String(killsInStart)} while it started), ${String(engineKills)} of the engine`,
    `threads      ${String(figures.threads)}`,
    `turns        ${String(figures.turns)}: ${String(figures.completed)} completed, ${String(figures.interrupted)} interrupted, ${String(figures.cancelled)} cancelled`,
    `approvals    ${String(figures.approvals)}: ${String(figures.answered)} answered, ${String(figures.expired)} expired`,
    `attachments  ${String(figures.attachments)}`,
    `events       ${String(figures.events)} stored, ${String(figures.eventsSeen)} seen by clients and compared`,
    `reconnects   ${String(figures.reconnects)}`,
    `retries      ${String(figures.retries)} requests sent again, ${String(figures.replays)} replayed by their keys at the end`,
    `violations   ${String(figures.violations)}`,
  ].join('\n');
}
