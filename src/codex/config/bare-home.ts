import { join } from 'node:path';
import { type TomlTable } from './config-edits.js';
import { CONFIG_FILE } from './config-file.js';
import { link, ShadowHome, type ShadowHomeOptions } from './shadow-home.js';

/** Its name in the data directory. */
export const BARE_HOME = 'model-home';

/** What the engine takes words, tools and rules from, for whatever thread. */
const WITHHELD = /^(AGENTS(\.override)?\.md|skills|rules|plugins|memories.*|hooks.*|agents|prompts|automations)$/i;

/** What two processes on one login take turns by. */
const SHARED_LOCK = 'auth.lock';

/**
 * A home for engine processes that run bare models: the same configuration, login and threads, and nothing that an operator
 * has written for agents. The engine takes up the global `AGENTS.md` in every turn, whatever a thread is told (0.169.0).
 */
export class BareHome {
  readonly #shadow: ShadowHome;

  /** @param options `codexHome` is that of the other processes */
  constructor(private readonly options: ShadowHomeOptions) {
    this.#shadow = new ShadowHome({ ...options, withheld: WITHHELD });
  }

  /** The folder, made unless it is there, for a process that is to be started. */
  prepare(): string {
    const { codexHome, path } = this.options;
    this.#shadow.prepare();
    for (const name of [CONFIG_FILE, SHARED_LOCK]) {
      link(join(codexHome, name), join(path, name));
    }
    return path;
  }

  /** What is to be said of this configuration, if anything. */
  static findWarning({ cli_auth_credentials_store: store }: TomlTable): string | undefined {
    return store === 'keyring' || store === 'auto'
      ? `A login in the system's keyring is not seen in model mode; set cli_auth_credentials_store = "file" in config.toml, and log in again.`
      : undefined;
  }

  /** What an engine has left in the place of a link goes to the home that it leads to. */
  bringHome(): void {
    this.#shadow.bringHome();
  }
}
