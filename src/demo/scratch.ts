import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from './remove-folder.js';

/**
 * Where scratch folders may be, best first. Not the system's temp folder: there the engine warns that it goes without
 * its helper programs, and a sandboxed command could write to it.
 */
const PARENTS = ['/var/tmp', homedir()];
const PREFIX = 'codex-web-server-demo-';

/** The folders of one walk-through, readable by their owner only. */
export class Scratch {
  readonly root = makeRoot();
  readonly workspace = this.#folder('workspace');
  readonly codexHome = this.#folder('codex-home');
  /** An empty home, so that no shell profile has a say in what a command prints. */
  readonly home = this.#folder('home');
  readonly dataDir = join(this.root, 'data');

  remove(): void {
    removeFolder(this.root);
  }

  #folder(name: string): string {
    const path = join(this.root, name);
    mkdirSync(path);
    return path;
  }
}

function makeRoot(): string {
  const faults: string[] = [];
  for (const parent of PARENTS) {
    try {
      return realpathSync(mkdtempSync(join(parent, PREFIX)));
    } catch (error) {
      faults.push(String(error));
    }
  }
  throw new Error(`There is no place for a scratch folder: ${faults.join('; ')}`);
}
