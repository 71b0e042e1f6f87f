import { type EngineQuestionClosed, type EngineSignal, type EngineThread } from '../engine/engine.js';
import { toServiceEvent } from '../events/catalogue.js';
import { type EventRecorder } from '../events/event-recorder.js';
import { type Thread } from './thread.js';

type ThreadSignal = Extract<EngineSignal, { type: 'notification' | 'question' }>;

/** Finds the thread for each thing that the engine says. What belongs to none goes to the server-wide stream. */
export class SignalRouter {
  readonly #threads = new Map<string, Thread>();
  /** Said of threads not known yet, while some are being made: whose they are is known when that call returns. */
  #held: ThreadSignal[] = [];
  #callsUnderWay = 0;

  constructor(
    private readonly recorder: EventRecorder,
    /** Opens the thread that the engine knows under this id, whoever made it. */
    private readonly adopt: (engineThreadId: string) => Thread,
    /** The engine has deleted this thread. */
    private readonly remove: (thread: Thread) => void,
  ) {}

  /**
   * Runs a call that makes or loads a thread. `open` gives the thread that it is, at once, and whatever the engine said of
   * it meanwhile is filed there.
   */
  async bind(
    load: () => Promise<EngineThread>,
    open: (engineThread: EngineThread) => Thread,
  ): Promise<{ thread: Thread; engineThread: EngineThread }> {
    this.#callsUnderWay += 1;
    try {
      const engineThread = await load();
      const thread = open(engineThread);
      this.know(engineThread.engineThreadId, thread);
      return { thread, engineThread };
    } finally {
      this.#callsUnderWay -= 1;
      this.#release();
    }
  }

  know(engineThreadId: string, thread: Thread): void {
    this.#threads.set(engineThreadId, thread);
  }

  forget(engineThreadId: string): void {
    this.#threads.delete(engineThreadId);
  }

  /** Delivers what was held back, as far as it can be known now whose it is; the rest is held on. */
  #release(): void {
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
    if (signal.type === 'notification' && signal.event.type === 'thread/deleted') {
      // Of a thread that is not known any more it is no news.
      if (thread) {
        this.remove(thread);
      }
      return;
    }
    if (!thread && this.#callsUnderWay > 0) {
      this.#held.push(signal);
      return;
    }
    this.#deliver(signal, thread ?? this.adopt(engineThreadId));
  }

  closeQuestion({ engineThreadId, ref }: EngineQuestionClosed): void {
    this.#threads.get(engineThreadId)?.closeQuestion(ref);
  }

  /** A process is gone with these threads: what it said of them, and what is not filed yet, is of no account. */
  drop(engineThreadIds: ReadonlySet<string>): void {
    this.#held = this.#held.filter(({ engineThreadId }) => !engineThreadIds.has(engineThreadId ?? ''));
  }

  #deliver(signal: ThreadSignal, thread: Thread): void {
    if (signal.type === 'question') {
      thread.ask(signal);
    } else {
      thread.notify(signal);
    }
  }

  #recordServerWide(signal: ThreadSignal): void {
    const event = signal.type === 'question' ? toServiceEvent(signal.name, signal.payload) : signal.event;
    this.recorder.event({ threadId: null, turnId: null, event });
  }
}
