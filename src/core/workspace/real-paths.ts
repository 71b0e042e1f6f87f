/** Where a path really leads. */
export interface RealPath {
  /** Absolute, without a symbolic link in it. */
  path: string;
  isFolder: boolean;
}

/** The file system of this host, as far as the paths of callers are to be checked. */
export abstract class RealPaths {
  /** `undefined` where nothing is there that this process can reach: a part is missing, is no folder, or loops. */
  abstract find(path: string): Promise<RealPath | undefined>;
}
