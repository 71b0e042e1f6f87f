import { setTimeout as wait } from 'node:timers/promises';
import type { Answer } from './client.ts';
import type { Play } from './play.ts';

const LONGEST_PAUSE_MS = 60;
/** A queue that only grows would make the rest of the round a wait for its end. */
const MAX_OPEN_TURNS = 6;

interface Submission {
  script: string;
  /** What the command of the script adds to `runs.txt`. */
  line?: string;
  onBusy?: 'steer' | 'reject';
  attachmentId?: string;
  isWaitedFor?: boolean;
}

/** One caller who submits turns of every kind to one thread, each with a key, and stops when the kills are over. */
export class Submitter {
  readonly #name: string;
  readonly #threadId: string;
  readonly #play: Play;
  #count = 0;
  #open: string[] = [];

  constructor(name: string, threadId: string, play: Play) {
    this.#name = name;
    this.#threadId = threadId;
    this.#play = play;
  }

  async run(): Promise<void> {
    const { random, isClosing, watcher } = this.#play;
    while (!isClosing()) {
      this.#count += 1;
      await this.#step();
      this.#open = this.#open.filter((turnId) => !watcher.hasEnded(turnId));
      const [oldest] = this.#open;
      if (oldest !== undefined && this.#open.length >= MAX_OPEN_TURNS) {
        await watcher.untilEnded(oldest);
      }
      await wait(random() * LONGEST_PAUSE_MS);
    }
    // However the kills fell, this one runs to its end.
    this.#count += 1;
    await this.#submit(this.#echo());
  }

  async #step(): Promise<void> {
    const { random } = this.#play;
    const part = random();
    if (part < 0.3) {
      await this.#submit(this.#echo());
    } else if (part < 0.5) {
      await this.#submit({ script: `run escalated: echo escalated >> asked.txt because: ${this.#id}` });
    } else if (part < 0.6) {
      await this.#submit({ script: 'deltas: 40 size=20', isWaitedFor: random() < 0.3 });
    } else if (part < 0.7) {
      await this.#submit({ script: 'part: Begins.\ndelay: 150ms\nsay: Ends.', isWaitedFor: random() < 0.3 });
    } else if (part < 0.78) {
      await this.#submitAndInterrupt();
    } else if (part < 0.84) {
      await this.#submit({ script: `say: Steered by ${this.#id}.`, onBusy: 'steer' });
    } else if (part < 0.88) {
      await this.#submit({ script: 'say: Only when idle.', onBusy: 'reject' });
    } else if (part < 0.93) {
      await this.#exec();
    } else {
      await this.#submit({ script: 'say: Read it.', attachmentId: await this.#upload() });
    }
  }

  get #id(): string {
    return `${this.#name}-${String(this.#count)}`;
  }

  #echo(): Submission {
    return { script: `run: echo ${this.#id} >> runs.txt`, line: this.#id };
  }

  /** Resolves with the accepted turn's id; without one when it was refused as it had asked for. */
  async #submit({ script, line, onBusy, attachmentId, isWaitedFor }: Submission): Promise<string | undefined> {
    const { client, ledger, moments, watcher } = this.#play;
    const attachment = attachmentId === undefined ? [] : [{ type: 'attachment', attachment_id: attachmentId }];
    const input = [...attachment, { type: 'text', text: script }];
    const json = { input, ...(onBusy && { on_busy: onBusy }) };
    const path = `/api/v2/threads/${this.#threadId}/turns`;
    const answer = await client.keyed(path, `turn-${this.#id}`, { json }, () => {
      moments.tell('turn sent');
    });
    if (answer.status !== 202) {
      this.#require(answer, onBusy === undefined ? [] : [409], `turn ${this.#id}`);
      return undefined;
    }
    const turn = JSON.parse(answer.text) as { turn_id: string; input: { text?: string }[] };
    const { turn_id: turnId } = turn;
    if (turn.input.at(-1)?.text === script) {
      ledger.turns.set(turnId, {
        turnId,
        threadId: this.#threadId,
        client: this.#name,
        line,
        wasInterrupted: false,
      });
      this.#open.push(turnId);
    } else {
      ledger.steered.add(turnId);
    }
    moments.tell('turn accepted');
    if (isWaitedFor) {
      await watcher.untilEnded(turnId);
    }
    return turnId;
  }

  async #submitAndInterrupt(): Promise<void> {
    const { client, ledger, moments, random } = this.#play;
    const turnId = await this.#submit({ script: 'part: Begins.\ndelay: 300ms\nsay: Ends.' });
    const turn = ledger.turns.get(turnId ?? '');
    if (!turn) {
      return;
    }
    if (random() < 0.5) {
      await wait(random() * LONGEST_PAUSE_MS);
    }
    turn.wasInterrupted = true;
    const path = `/api/v2/threads/${this.#threadId}/turns/${turn.turnId}/interrupt`;
    const answer = await client.keyed(path, `interrupt-${this.#id}`, { json: {} }, () => {
      moments.tell('interrupt sent');
    });
    this.#require(answer, [200, 409], `interrupt ${this.#id}`);
  }

  /** A command of its own, which must not run twice whatever becomes of its answer. */
  async #exec(): Promise<void> {
    const { client, ledger, moments } = this.#play;
    const sandbox = { type: 'workspace_write', exclude_slash_tmp: true, exclude_tmpdir_env_var: true };
    const json = { command: ['sh', '-c', `echo ${this.#id} >> execs.txt`], sandbox_policy: sandbox };
    const answer = await client.keyed('/api/v2/commands/exec', `exec-${this.#id}`, { json }, () => {
      moments.tell('command sent');
    });
    if (answer.status === 200) {
      ledger.commands.push(this.#id);
    } else {
      this.#require(answer, [409, 502], `command ${this.#id}`);
    }
  }

  async #upload(): Promise<string> {
    const { client, ledger, moments, random } = this.#play;
    const file = Buffer.alloc(1 + Math.floor(random() * 20_000), this.#id);
    const answer = await client.keyed(
      '/api/v2/attachments',
      `upload-${this.#id}`,
      { file, filename: `${this.#id}.txt` },
      () => {
        moments.tell('upload sent');
      },
    );
    this.#require(answer, [201], `upload ${this.#id}`);
    const { attachment_id: attachmentId } = JSON.parse(answer.text) as { attachment_id: string };
    ledger.attachments.set(attachmentId, file);
    moments.tell('upload accepted');
    return attachmentId;
  }

  #require({ status, text }: Answer, allowed: readonly number[], what: string): void {
    if (!allowed.includes(status)) {
      this.#play.ledger.violate(`${what} is answered ${String(status)}: ${text}`);
    }
  }
}
