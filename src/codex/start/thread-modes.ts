import { isDeepStrictEqual } from 'node:util';
import { type ThreadOptions } from '../../core/engine/options.js';
import { type EngineClient } from '../engine-client.js';
import { toModelMode } from '../model-mode.js';
import { readOperatorConfig } from './operator-config.js';

type Load<T> = (options: ThreadOptions, client: EngineClient) => Promise<T>;

/** Has threads loaded as what they are: an agent as the operator has configured it, or a model with nothing of that. */
export class ThreadModes {
  readonly #models: EngineClient;

  constructor(private readonly client: EngineClient) {
    this.#models = client.forModels();
  }

  async load<T>(options: ThreadOptions, load: Load<T>): Promise<T> {
    if (options.mode !== 'model') {
      return load(options, this.client);
    }
    const cwd = typeof options.cwd === 'string' ? options.cwd : undefined;
    const clients = { agents: this.client, models: this.#models };
    const config = await readOperatorConfig(clients, cwd);
    try {
      return await load(toModelMode(options, config), this.#models);
    } catch (error) {
      // A server that was taken out of the configuration meanwhile can't be switched off any more.
      const now = await readOperatorConfig(clients, cwd).catch(() => config);
      if (isDeepStrictEqual(now, config)) {
        throw error;
      }
      return load(toModelMode(options, now), this.#models);
    }
  }
}
