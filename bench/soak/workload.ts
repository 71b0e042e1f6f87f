import { setTimeout as wait } from 'node:timers/promises';
import type { EventStream } from '../support/event-stream.ts';
import type { Frame, Json, Service } from './service.ts';

const SCRIPTS = [
  'say: A short answer.',
  'think: **Looking around**\nrun: ls\nsay: That is all.',
  'deltas: 300',
  'run escalated: echo out because: May I?\nsay: Thank you.',
  'patch: *** Begin Patch\n*** Add File: {file}\n+one\n*** End Patch\nsay: Written.',
  'pace: 20ms\nsay: One word after the other, and nobody is in a hurry to hear the end of it.',
];
const INTERRUPTED = 'say: It goes on\nstall';
/** Time between the turns of one worker. */
const PAUSE_MS = 150;
const TURN_TIMEOUT_MS = 60_000;

export interface WorkloadOptions {
  /** How many clients work at once. */
  workers: number;
  /** How many threads there are at most; for one more an old one is deleted. */
  threads: number;
  /** How many streams stand by and are opened anew by and by. */
  streams: number;
}

/** What clients do all day: threads, turns, approvals, interrupts, streams that come and go. */
export class Workload {
  readonly counts = { threads: 0, turns: 0, approvals: 0, interrupts: 0, reconnects: 0 };
  readonly failures: string[] = [];
  readonly #service: Service;
  readonly #options: WorkloadOptions;
  readonly #free: string[] = [];
  readonly #bystanders: EventStream[] = [];
  #isEnding = false;

  constructor(service: Service, options: WorkloadOptions) {
    this.#service = service;
    this.#options = options;
  }

  /** Resolves when `end` was called and everything under way is over. */
  async run(): Promise<void> {
    const workers = Array.from({ length: this.#options.workers }, (_, worker) => this.#work(worker));
    await Promise.all([...workers, this.#standBy()]);
    for (const stream of this.#bystanders.splice(0)) {
      stream.close();
    }
  }

  end(): void {
    this.#isEnding = true;
  }

  async #work(worker: number): Promise<void> {
    for (let round = worker; !this.#isEnding; round += 1) {
      try {
        await this.#useThread(round);
      } catch (error) {
        this.failures.push(String(error));
      }
      await wait(PAUSE_MS);
    }
  }

  async #useThread(round: number): Promise<void> {
    const threadId = await this.#takeThread(round);
    await (round % 7 === 6 ? this.#interruptTurn(threadId) : this.#runTurn(threadId, round));
    if (round % 5 === 4) {
      await this.#service.get(`/api/v2/threads/${threadId}/turns`);
      await this.#service.get('/api/v2/threads?limit=20');
    }
    this.#free.push(threadId);
  }

  /** The one that was used longest ago, so that some have been unloaded; a new one every so often. */
  async #takeThread(round: number): Promise<string> {
    const { threads, workers } = this.#options;
    if (round % 6 !== 0 && this.#free.length > workers) {
      return this.#free.shift() ?? '';
    }
    if (this.#free.length > threads) {
      await this.#service.delete(`/api/v2/threads/${this.#free.shift() ?? ''}`);
    }
    this.counts.threads += 1;
    const { thread_id: threadId } = await this.#service.post('/api/v2/threads', {
      sandbox: 'workspace-write',
      approval_policy: 'on-request',
    });
    return String(threadId);
  }

  async #runTurn(threadId: string, round: number): Promise<void> {
    const script = (SCRIPTS[round % SCRIPTS.length] ?? '').replace('{file}', `soak-${String(round % 50)}.txt`);
    const turn = await this.#follow(threadId, script, () => undefined);
    if (turn.status !== 'completed') {
      throw new Error(`A turn ended as ${String(turn.status)}: ${JSON.stringify(turn.error)}`);
    }
  }

  async #interruptTurn(threadId: string): Promise<void> {
    this.counts.interrupts += 1;
    const turn = await this.#follow(threadId, INTERRUPTED, ({ event, data }) => {
      if (event === 'item/agentMessage/delta' && String(data.delta).includes('on')) {
        this.#answer(`/api/v2/threads/${threadId}/turns/interrupt`, {});
      }
    });
    if (turn.status !== 'interrupted') {
      throw new Error(`An interrupted turn ended as ${String(turn.status)}.`);
    }
  }

  /** Submits a turn and follows it to its end, on a stream that breaks off in the middle and is opened again. */
  async #follow(threadId: string, script: string, onFrame: (frame: Frame) => void): Promise<Json> {
    const ended = Promise.withResolvers<Json>();
    let last: string | undefined;
    const hear = (frame: Frame): void => {
      last = frame.id ?? last;
      onFrame(frame);
      if (frame.event === 'item/commandExecution/requestApproval') {
        this.counts.approvals += 1;
        const path = `/api/v2/threads/${threadId}/approvals/${String(frame.data.approval_id)}`;
        this.#answer(path, { decision: this.counts.approvals % 3 === 0 ? 'decline' : 'approve' });
      } else if (frame.event === 'turn/completed') {
        ended.resolve(frame.data.turn as Json);
      }
    };
    const { latest_seq: latestSeq } = JSON.parse(await this.#service.get(`/api/v2/threads/${threadId}`)) as Json;
    last = String(latestSeq);
    let stream = await this.#service.stream(threadId, last, hear);
    const input = [{ type: 'text', text: script }];
    await this.#service.post(`/api/v2/threads/${threadId}/turns`, { input });
    this.counts.turns += 1;
    if (this.counts.turns % 4 === 0) {
      stream.close();
      stream = await this.#service.stream(threadId, last, hear);
      this.counts.reconnects += 1;
    }
    const late = AbortSignal.timeout(TURN_TIMEOUT_MS);
    late.addEventListener('abort', () => {
      ended.reject(new Error(`A turn of "${script}" in ${threadId} did not end.`));
    });
    try {
      return await ended.promise;
    } finally {
      stream.close();
    }
  }

  #answer(path: string, body: object): void {
    this.#service.post(path, body).catch((error: unknown) => {
      this.failures.push(String(error));
    });
  }

  /** Streams on which hardly anything happens: one of them is opened anew ten times a second. */
  async #standBy(): Promise<void> {
    for (let count = 0; !this.#isEnding; count += 1) {
      const threadId = this.#free[count % Math.max(1, this.#free.length)];
      if (threadId !== undefined) {
        // The thread may be deleted at any moment.
        const stream = await this.#service.stream(threadId, undefined, () => undefined).catch(() => undefined);
        this.#bystanders.push(...(stream ? [stream] : []));
      }
      if (this.#bystanders.length > this.#options.streams) {
        this.#bystanders.shift()?.close();
      }
      await wait(100);
    }
  }
}
