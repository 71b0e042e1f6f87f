import { fork, type ChildProcess } from 'node:child_process';
import { own, stop } from './processes.ts';

/** Each takes one value that a message can carry, or none. */
type Methods = Record<string, (params: never) => unknown>;

interface Call {
  id: number;
  name: string;
  params: unknown;
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

/** A module in a process of its own, called by messages: what measures must not share a loop with what is measured. */
export class Child<M extends Methods> {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  constructor(module: URL) {
    this.#process = own(fork(module, { execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'] }));
    this.#process.on('message', (answer: Answer) => {
      this.#settle(answer);
    });
    this.#process.once('close', () => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`${module.pathname.split('/').at(-1) ?? ''} ended early.`));
      }
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  call<K extends keyof M & string>(name: K, ...[params]: Parameters<M[K]>): Promise<Awaited<ReturnType<M[K]>>> {
    this.#lastId += 1;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#lastId, waiting);
    this.#process.send({ id: this.#lastId, name, params } satisfies Call);
    return waiting.promise as Promise<Awaited<ReturnType<M[K]>>>;
  }

  async end(): Promise<void> {
    await stop(this.#process);
  }

  #settle({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) {
      waiting?.resolve(result);
    } else {
      waiting?.reject(new Error(error));
    }
  }
}

/** The other side: answers calls until the parent is gone. */
export function answerCalls(methods: Methods): void {
  process.on('message', ({ id, name, params }: Call) => {
    const method = methods[name] as ((params: unknown) => unknown) | undefined;
    Promise.resolve()
      .then(() => method?.(params))
      .then(
        (result) => process.send?.({ id, result } satisfies Answer),
        (error: unknown) => process.send?.({ id, error: String(error) } satisfies Answer),
      );
  });
  process.once('disconnect', () => process.exit());
}
