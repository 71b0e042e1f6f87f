export interface LinkedFile {
  /** As its server says. */
  mediaType: string;
  bytes: Buffer;
}

/** Fetches what a caller gives by a link, since the engine takes no links. */
export abstract class LinkedFiles {
  /**
   * Throws `invalid_request`, naming the field at `path`, for a link that is none, leads where it must not, can't be
   * fetched in time, or to more than `maxBytes`.
   */
  abstract fetch(url: string, options: { maxBytes: number; path: string }): Promise<LinkedFile>;
}
