import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE } from './config-file.js';

/** Folders that the engine makes in its home; made there before, so that it does not make them in the shadow. */
const FOLDERS = [
  'sessions',
  'archived_sessions',
  'thread-writer-locks',
  'skills',
  'memories',
  'log',
  'plugins',
  'rules',
] as const;
/** Files that the engine makes in its home: links that lead nowhere yet, through which it writes. */
const FILES = [
  'auth.json',
  '.credentials.json',
  'history.jsonl',
  'installation_id',
  'models_cache.json',
  'version.json',
  'AGENTS.md',
] as const;
/** What belongs to one process, or is kept elsewhere (`CODEX_SQLITE_HOME`). */
const OWN = /^(config\.toml.*|\.?tmp|auth\.lock|\.sandbox_migration|.*\.sqlite(-wal|-shm)?)$/;

export interface ShadowHomeOptions {
  codexHome: string;
  /** The shadow's folder; made if need be. */
  path: string;
  /** Not to be linked: the folder that the shadow is in. */
  dataDir: string;
  /** Names of what the engine is not to see of the user's home. */
  withheld?: RegExp;
}

/**
 * A home for the engine that has a configuration of its own and is the user's home in everything else: sessions, login,
 * skills and the rest are links to it, so that both see the same threads.
 */
export class ShadowHome {
  constructor(private readonly options: ShadowHomeOptions) {}

  get path(): string {
    return this.options.path;
  }

  get configPath(): string {
    return join(this.options.path, CONFIG_FILE);
  }

  /** What the engine needs beside `CODEX_HOME`: its databases stay where other clients look for them. */
  get env(): Readonly<Record<string, string>> {
    return { CODEX_HOME: this.options.path, CODEX_SQLITE_HOME: this.options.codexHome };
  }

  /** Makes the links, after taking home what an engine has left in their place. */
  prepare(): void {
    const { codexHome, path } = this.options;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    for (const folder of FOLDERS) {
      mkdirSync(join(codexHome, folder), { recursive: true });
    }
    this.bringHome();
    for (const name of new Set([...readdirSync(codexHome), ...FILES])) {
      if (this.#isShared(name) && !this.#holdsShadow(join(codexHome, name))) {
        link(join(codexHome, name), join(path, name));
      }
    }
  }

  /** What the engine has made in the shadow instead of through a link: a file that it has replaced, a new folder. */
  bringHome(): void {
    const { codexHome, path } = this.options;
    for (const name of existsSync(path) ? readdirSync(path) : []) {
      const from = join(path, name);
      if (this.#isShared(name) && !lstatSync(from).isSymbolicLink()) {
        const to = join(codexHome, name);
        if (isNewer(from, to)) {
          cpSync(from, to, { recursive: true, preserveTimestamps: true });
        }
        rmSync(from, { recursive: true, force: true });
        symlinkSync(to, from);
      }
    }
  }

  /** Replaces the engine's configuration as a whole. */
  writeConfig(text: string): void {
    const draft = `${this.configPath}.draft`;
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, this.configPath);
  }

  #isShared(name: string): boolean {
    return !OWN.test(name) && this.options.withheld?.test(name) !== true;
  }

  #holdsShadow(path: string): boolean {
    return (
      existsSync(path) && existsSync(this.options.dataDir) && realpathSync(path) === realpathSync(this.options.dataDir)
    );
  }
}

export function link(target: string, path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() === true && readlinkSync(path) !== target) {
    rmSync(path);
  } else if (found !== undefined) {
    return;
  }
  symlinkSync(target, path);
}

function isNewer(from: string, to: string): boolean {
  const there = statSync(to, { throwIfNoEntry: false });
  return there === undefined || (!there.isDirectory() && statSync(from).mtimeMs > there.mtimeMs);
}
