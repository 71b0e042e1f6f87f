/** How fast a reader takes what it is told. */
export interface Pace {
  /** Whether it takes more right now. */
  readonly isReady: boolean;
  /** Resolves once it does, or when nobody reads any more. Never rejects. */
  whenDrained: () => Promise<unknown>;
}
