import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFolder } from '../../src/demo/remove-folder.ts';
import { loadProvider } from './program.ts';

/** Not the system's temp folder: there the engine loses its PATH helpers. */
const PARENT = '/var/tmp';

/** The folders of one server or engine, with a config that names the scripted model. */
export class Scratch {
  readonly root: string;
  readonly workspace: string;
  readonly codexHome: string;
  readonly dataDir: string;

  private constructor() {
    this.root = mkdtempSync(join(PARENT, 'codex-web-bench-'));
    this.workspace = join(this.root, 'workspace');
    this.codexHome = join(this.root, 'codex-home');
    this.dataDir = join(this.root, 'data');
    mkdirSync(this.workspace);
    mkdirSync(this.codexHome);
  }

  static async create(modelUrl: string): Promise<Scratch> {
    const { scriptedProviderOverrides } = await loadProvider();
    const scratch = new Scratch();
    const lines = scriptedProviderOverrides(modelUrl).filter((argument) => argument !== '-c');
    writeFileSync(join(scratch.codexHome, 'config.toml'), `${lines.join('\n')}\n`);
    return scratch;
  }

  remove(): void {
    removeFolder(this.root);
  }
}
