import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** What a file holds now, to be put back as it was. */
export class FileBackup {
  /** `null`: there is no such file. */
  readonly #bytes: Buffer | null;

  constructor(private readonly path: string) {
    this.#bytes = readBytes(path);
  }

  /** As a whole, under the mode that the file has, also where the path is a link. */
  restore(): void {
    if (this.#bytes === null) {
      rmSync(this.path, { force: true });
      return;
    }
    const target = realpathSync(this.path);
    const draft = `${target}.${String(process.pid)}.draft`;
    try {
      writeFileSync(draft, this.#bytes, { mode: statSync(target).mode });
      renameSync(draft, target);
    } finally {
      rmSync(draft, { force: true });
    }
  }
}

function readBytes(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return null;
    }
    throw error;
  }
}
