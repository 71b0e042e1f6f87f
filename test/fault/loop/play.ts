import type { Client } from './client.ts';
import type { Ledger } from './ledger.ts';
import type { Moments } from './moments.ts';
import type { Watcher } from './watcher.ts';

/** What those who play a part in a round work with. */
export interface Play {
  client: Client;
  ledger: Ledger;
  moments: Moments;
  watcher: Watcher;
  /** A seeded number in [0, 1). */
  random: () => number;
  /** The kills are over: nothing new is begun. */
  isClosing: () => boolean;
}
