/** One process of the engine. */
export interface EngineProcessStats {
  /** Which of the places it has, from 0; a replacement takes the place of the one that it replaces. */
  place: number;
  /** `undefined` while there is no process, between a crash and the next start. */
  pid: number | undefined;
  /** `retiring`: replaced, and ends when the last turn in it has. */
  state: 'starting' | 'ready' | 'retiring';
  ageMs: number;
  loadedThreads: number;
  activeThreads: number;
  requestsInFlight: number;
  /** Of the process and its descendants, as last looked at; `undefined` before that, and where the platform does not tell. */
  rssBytes: number | undefined;
  /** Descendants: MCP servers, commands and their helpers. */
  childProcesses: number | undefined;
}

/** The counts are since the server started. */
export interface EngineStatsReading {
  processes: readonly EngineProcessStats[];
  /** Processes that died and were started again. */
  restarts: number;
  /** Processes that were replaced between turns. */
  recycles: number;
  /** Processes that a dead or replaced engine left behind, and that were ended. */
  orphansEnded: number;
}

/** How the engine's processes are. Reading it costs nothing: nothing is measured for it. */
export abstract class EngineStats {
  abstract read(): EngineStatsReading;
}
