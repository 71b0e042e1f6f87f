import { realpath, stat } from 'node:fs/promises';
import { type RealPath, RealPaths } from '../core/workspace/real-paths.js';

/** As the file system of this host has it at this moment. */
export class DiskPaths extends RealPaths {
  override async find(path: string): Promise<RealPath | undefined> {
    try {
      const real = await realpath(path);
      return { path: real, isFolder: (await stat(real)).isDirectory() };
    } catch {
      return undefined;
    }
  }
}
