import { type Observable } from 'rxjs';
import { type SseChunk } from './sse-chunk.js';

/** Carries a stream past Nest, which would subscribe to a bare Observable and wait for its last value. */
export class SseSource {
  readonly chunks: Observable<SseChunk>;

  constructor(chunks: Observable<SseChunk>) {
    this.chunks = chunks;
  }
}
