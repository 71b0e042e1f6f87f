import { type Subscription } from 'rxjs';
import { type RawData, type WebSocket } from 'ws';
import { ServiceError } from '../../../core/errors.js';
import { type Pace } from '../../../core/events/pace.js';
import { type Ceiling } from '../../../core/permissions/ceiling.js';
import { toRevoked } from '../../../http/auth/to-revoked.js';
import { parseJson } from '../../../http/limits/parse-json.js';
import { OPENAI_KINDS, toOpenAiError } from '../../openai/errors.js';
import { type RequestReader } from '../../openai/request-reader.js';
import { type LiveRuns } from '../runs/live-runs.js';
import { type ResponseService } from '../runs/response-service.js';
import { type ResponseRun } from '../runs/response-run.js';
import { type CreateFrame } from '../schema/create-response.js';
import { type Asker, type ResponseStore } from '../store/response-store.js';
import { type Mode } from '../to-core/thread-spec.js';
import { invalid } from '../to-core/check-create.js';
import { FRAME_FORM } from '../to-core/request-forms.js';
import { type FrameLimits, type WaitingFrame, WaitingFrames } from './waiting-frames.js';

/** How much may wait for a client that does not read. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

const CLOSE_GOING_AWAY = 1001;
const CLOSE_POLICY = 1008;
const CLOSE_TRY_AGAIN = 1013;
/** So that the client can hear why, since what it still sends is not read any more. */
const OVERFLOW_GRACE_MS = 2_000;

export interface SocketContext extends FrameLimits {
  reader: RequestReader;
  service: ResponseService;
  store: ResponseStore;
  runs: LiveRuns;
  asker: Asker;
  /** Of the caller. */
  ceiling: Ceiling;
  mode: Mode;
  hasCodexItems: boolean;
  /** Of the connection below. */
  pace: Pace;
  /** Throws when the token is valid no more. */
  requireCaller: () => void;
}

/** One connection: its requests are answered one after the other, as raw events. */
export class ResponseSocket {
  readonly #waiting: WaitingFrames;
  #isBusy = false;
  #isClosing = false;
  #subscription: Subscription | undefined;

  constructor(
    private readonly socket: WebSocket,
    private readonly context: SocketContext,
  ) {
    this.#waiting = new WaitingFrames(context, context.asker.callerId);
    socket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    socket.on('close', () => {
      this.#gone();
    });
    // What a client did wrong is told it in the code that `ws` ends the connection with.
    socket.on('error', () => undefined);
  }

  /** Ends the connection at once: what is being answered goes on untold. */
  revoke(): void {
    this.#isClosing = true;
    this.#tellError(toRevoked());
    this.#subscription?.unsubscribe();
    this.socket.close(CLOSE_POLICY, 'This token has been revoked.');
    this.#waiting.clear();
  }

  /** Ends the connection of a client that sends more than the server can hold. */
  overflow(error: ServiceError): void {
    this.#isClosing = true;
    this.#tellError(error);
    this.socket.close(CLOSE_TRY_AGAIN, 'The server holds as much as it may; try again later.');
    this.socket.pause();
    setTimeout(() => {
      this.socket.terminate();
    }, OVERFLOW_GRACE_MS).unref();
  }

  /** Ends the connection once the request that is being answered is answered. */
  close(): void {
    this.#isClosing = true;
    if (!this.#isBusy) {
      this.socket.close(CLOSE_GOING_AWAY, 'The server is shutting down.');
    }
  }

  #receive(data: RawData, isBinary: boolean): void {
    try {
      if (this.#isClosing) {
        throw new ServiceError('rate_limited', 'This connection is being closed; send the request on another.');
      }
      this.#waiting.push(data as Buffer, isBinary);
      void this.#answerNext();
    } catch (error) {
      this.#tellError(ServiceError.from(error));
    }
  }

  async #answerNext(): Promise<void> {
    const frame = this.#isBusy ? undefined : this.#waiting.shift();
    if (frame === undefined) {
      return;
    }
    this.#isBusy = true;
    await this.#answer(frame);
    frame.share.close();
    this.#isBusy = false;
    if (this.#isClosing) {
      this.close();
    } else {
      void this.#answerNext();
    }
  }

  async #answer({ bytes, isAdmitted }: WaitingFrame): Promise<void> {
    let previousId: string | null | undefined;
    try {
      await isAdmitted;
      this.context.requireCaller();
      const { generate, ...body } = toBody(this.context.reader.read(FRAME_FORM, parseFrame(bytes.toString('utf8'))));
      previousId = body.previous_response_id;
      const { service, asker, ceiling, mode, hasCodexItems } = this.context;
      const run = await service.make({ body, mode, hasCodexItems, asker, ceiling, isWarmUp: generate === false });
      await this.#tell(run);
    } catch (error) {
      this.#evict(previousId);
      this.#tellError(ServiceError.from(error));
    }
  }

  /** A continuation that failed takes what it continued with it, where only this connection knew of that. */
  #evict(responseId: string | null | undefined): void {
    const record = responseId ? this.context.store.evict(responseId) : undefined;
    if (record) {
      void this.context.runs.discardThreads([record]);
    }
  }

  #tell(run: ResponseRun): Promise<void> {
    return new Promise((resolve) => {
      this.#subscription = run.events(-1, this.context.pace).subscribe({
        next: (event) => {
          this.#send(event);
        },
        error: (error: unknown) => {
          this.#tellError(ServiceError.from(error));
          resolve();
        },
        complete: resolve,
      });
      this.#subscription.add(resolve);
    });
  }

  #send(frame: object): void {
    if (this.socket.readyState !== this.socket.OPEN) {
      return;
    }
    if (this.socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.socket.close(CLOSE_POLICY, 'This client reads too slowly.');
      return;
    }
    this.socket.send(JSON.stringify(frame));
  }

  #tellError(error: ServiceError): void {
    const { status } = OPENAI_KINDS[error.code];
    this.#send({ type: 'error', sequence_number: 0, status, ...toOpenAiError(error) });
  }

  /** What was begun goes on; what only this connection knew of is forgotten. */
  #gone(): void {
    this.#waiting.clear();
    this.#subscription?.unsubscribe();
    void this.context.runs.discardThreads(this.context.store.evictScope(this.context.asker.scope));
  }
}

function parseFrame(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof ServiceError) {
      throw error;
    }
    throw invalid('The frame is not valid JSON.', 'invalid_json', 'frame');
  }
}

/** The request in a frame. */
function toBody(frame: CreateFrame): Omit<CreateFrame, 'type' | 'stream_id'> {
  return Object.fromEntries(Object.entries(frame).filter(([key]) => key !== 'type' && key !== 'stream_id'));
}
