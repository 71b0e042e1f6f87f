import { type Payload } from './payload.js';

export interface ConfigEdit {
  /** Dotted, as in `config.toml`. */
  keyPath: string;
  value: unknown;
  mergeStrategy: 'replace' | 'upsert';
}

export interface WrittenConfig {
  /** `ok_overridden`: written, but another layer has the last word. */
  status: 'ok' | 'ok_overridden';
  /** Of the user's file, for `expectedVersion`. */
  version: string;
  overridden: unknown;
}

/** The agent's configuration. Writes go to the user's `config.toml`, whose comments and order survive. */
export abstract class Configuration {
  /** `{config, origins, layers, effective}`, secrets included save in `effective`: never to be shown as it is. */
  abstract read(options: { includeLayers: boolean; cwd?: string }): Promise<Payload>;

  /** `{requirements}`: what an administrator allows. */
  abstract readRequirements(): Promise<Payload>;

  /** All or nothing. Throws `version_conflict`, `unprocessable` for a value that does not fit, `forbidden`. */
  abstract write(edits: readonly ConfigEdit[], expectedVersion?: string): Promise<WrittenConfig>;
}
