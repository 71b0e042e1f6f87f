import { type Request, type Response } from 'express';

/** Follows requests for a tracing system. */
export abstract class RequestTracer {
  /** Calls `next` so that whatever it begins belongs to this request. Must not throw of its own accord. */
  abstract run(req: Request, res: Response, next: () => void): void;
}
