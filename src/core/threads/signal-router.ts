import { type EngineSignal, type EngineThread, type QuestionRef } from '../engine/engine.js';
import { type EventRecorder } from '../events/event-recorder.js';
import { type Thread } from './thread.js';

type ThreadSignal = Extract<EngineSignal, { type: 'notification' | 'question' }>;

/** Finds the thread for each thing that the engine says. What belongs to none goes to the server-wide stream. */
export class SignalRouter {
  readonly #threads = new Map<string, Thread>();
  readonly #questions = new Map<QuestionRef, Thread>();
  /** Said of threads not known yet, while some are being made: whose they are is known when that call returns. */
  #held: ThreadSignal[] = [];
  #callsUnderWay = 0;

  constructor(
    private readonly recorder: EventRecorder,
    /** Opens the thread that the engine knows under this id, whoever made it. */
    private readonly adopt: (engineThreadId: string) => Thread,
  ) {}

  /** Runs a call that makes or loads a thread, and files what the engine says of it meanwhile under `thread`. */
  async bind(thread: Thread | undefined, load: () => Promise<EngineThread>): Promise<EngineThread> {
    this.#callsUnderWay += 1;
    try {
      const engineThread = await load();
      if (thread) {
        this.know(engineThread.engineThreadId, thread);
      }
      return engineThread;
    } finally {
      this.#callsUnderWay -= 1;
      if (thread) {
        this.release();
      }
    }
  }

  know(engineThreadId: string, thread: Thread): void {
    this.#threads.set(engineThreadId, thread);
  }

  forget(engineThreadId: string): void {
    this.#threads.delete(engineThreadId);
  }

  /** Delivers what was held back, as far as it can be known now whose it is. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const signal of held) {
      this.route(signal);
    }
  }

  route(signal: ThreadSignal): void {
    const { engineThreadId } = signal;
    if (engineThreadId === null) {
      this.#recordServerWide(signal);
      return;
    }
    const thread = this.#threads.get(engineThreadId);
    if (!thread && this.#callsUnderWay > 0) {
      this.#held.push(signal);
      return;
    }
    this.#deliver(signal, thread ?? this.adopt(engineThreadId));
  }

  closeQuestion(ref: QuestionRef): void {
    this.#questions.get(ref)?.approvals.close(ref);
    this.#questions.delete(ref);
  }

  /** All that the engine was told to keep is gone with it. */
  reset(): void {
    this.#questions.clear();
    this.#held = [];
  }

  #deliver(signal: ThreadSignal, thread: Thread): void {
    if (signal.type === 'question') {
      this.#questions.set(signal.ref, thread);
      thread.ask(signal);
    } else {
      thread.notify(signal);
    }
  }

  #recordServerWide(signal: ThreadSignal): void {
    const { name, payload } = signal;
    this.recorder.event({ threadId: null, turnId: null, name, payload });
  }
}
