import { type Test } from 'supertest';
import { type SseFrame, type SseReader } from './sse-reader.js';
import { type App, type Json } from './start-app.js';

export type Question = Json & { approval_id: string; item_id: string | null; kind: string };

const END_NAMES = ['approval/resolved', 'approval/expired'];

/** One turn in a thread of its own (or in a given one), and the questions that the engine asks during it. */
export class Conversation {
  #next = 0;
  #last: Question | undefined;

  private constructor(
    private readonly app: App,
    readonly threadId: string,
    readonly turnId: string,
    readonly stream: SseReader,
  ) {}

  /** Submits the script as a turn of a new thread, which is made with `body`. */
  static async start(app: App, script: string, body: object = {}): Promise<Conversation> {
    return Conversation.continue(app, await app.createThread(body), script);
  }

  static async continue(app: App, threadId: string, script: string): Promise<Conversation> {
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    const { turn_id: turnId } = await app.submit(threadId, script);
    return new Conversation(app, threadId, turnId, stream);
  }

  /** The next question on the stream; fails when the turn ends without one. */
  async question(): Promise<Question> {
    const isEnd = ({ event, data }: SseFrame): boolean =>
      event === 'turn/completed' && (data.turn as Json).id === this.turnId;
    const frame = await this.stream.until((next) => isQuestion(next) || isEnd(next), this.#next);
    if (!isQuestion(frame)) {
      throw new Error('The turn ended without a question.');
    }
    this.#next = this.stream.frames.indexOf(frame) + 1;
    this.#last = frame.data as Question;
    return this.#last;
  }

  get path(): string {
    return `/api/v2/threads/${this.threadId}`;
  }

  /** Answers one approval, by its own id or by that of its item. */
  answer(approvalOrItemId: string, body: object): Test {
    return this.app.post(`${this.path}/approvals/${approvalOrItemId}`, body);
  }

  /** Waits for the next question and gives an answer that the server accepts. */
  async answerNext(body: object): Promise<Question> {
    const question = await this.question();
    await this.answer(question.approval_id, body).expect(200);
    return question;
  }

  /** Answers the question that was seen last. */
  async answerPending(body: object): Promise<void> {
    await this.answer(this.#last?.approval_id ?? '', body).expect(200);
  }

  async resolved(approvalId: string): Promise<Json> {
    const frame = await this.stream.until(
      ({ event, data }) => event === 'approval/resolved' && data.approval_id === approvalId,
    );
    return frame.data;
  }

  /** Waits for the end of the turn and leaves the stream. */
  async end(): Promise<Ending> {
    const turn = await this.stream.turnEnd(this.turnId);
    this.stream.close();
    const completed = this.stream.frames.filter(({ event }) => event === 'item/completed');
    return {
      status: turn.status as string,
      questions: this.stream.frames.filter(isQuestion).length,
      items: completed.map(({ data }) => data.item as Json),
      output: lastOutput(this.app),
    };
  }
}

export interface Ending {
  status: string;
  /** How often the engine asked. */
  questions: number;
  items: Json[];
  /** What the model last got back from a tool, in the form that the model gets. */
  output: unknown;
}

function isQuestion({ event, data }: SseFrame): boolean {
  return data.approval_id !== undefined && !END_NAMES.includes(event ?? '');
}

function lastOutput(app: App): unknown {
  const input = (app.model.requests.at(-1)?.body as { input: Json[] } | undefined)?.input ?? [];
  return input.findLast(({ type }) => type === 'function_call_output')?.output;
}
