/** The operation that a keyed request belongs to, for whoever carries it out. */
export interface OperationRef {
  /** A UUID, the same at each attempt; what the operation makes is marked with it, and found by it. */
  id: string;
  /** An earlier attempt may have done it, or a part of it: what it made is to be looked for first. */
  isRetry: boolean;
}
