import { type ThreadOptions } from '../core/engine/options.js';
import { type Log } from '../core/log.js';
import { type BareHome } from './config/bare-home.js';
import { type ProviderNames } from './config/provider-names.js';
import { type ProcessOptions } from './engine-command.js';
import { type ReadGuard } from './guard/read-guard.js';
import { type EngineCommand } from './process/engine-process.js';

export interface CodexEngineOptions extends ProcessOptions {
  command: EngineCommand;
  /** Of the processes for bare models. */
  bareHome: Pick<BareHome, 'prepare'>;
  /** The engine's config.toml, whether or not there is one. */
  configPath: string;
  version: string;
  /** What the engine is told who uses it. */
  clientName?: string;
  log: Log;
  /** Where the engine knows providers under other names than the user. */
  providerNames?: ProviderNames;
  /** Keeps secrets from what the engine runs. */
  guard?: ReadGuard;
  /** For new threads, where their caller says nothing else. */
  threadDefaults?: ThreadOptions;
}
