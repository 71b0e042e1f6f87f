import { type Approval, type Approvals, type Answer, QUESTIONS } from './approvals.js';
import { type Api, type CallOptions, type Schemas, unwrap } from './api.js';
import { TurnTimeoutError } from './errors.js';
import { type CodexEvent, follow, type FollowOptions } from './events.js';
import { type paths } from './generated/schema.js';

export type Thread = Schemas['Thread'];
export type Turn = Schemas['Turn'];
export type Item = Schemas['ItemEntry'];
/** A text, or parts: texts, images, attachments, skills, mentions. */
export type Input = string | Schemas['SubmitTurn']['input'];
export type TurnFields = Omit<Schemas['SubmitTurn'], 'input'>;
export type ThreadQuery = NonNullable<paths['/api/v2/threads']['get']['parameters']['query']>;
export type PageQuery = NonNullable<paths['/api/v2/threads/{thread_id}/turns']['get']['parameters']['query']>;
export type ItemQuery = NonNullable<paths['/api/v2/threads/{thread_id}/items']['get']['parameters']['query']>;

export interface RunOptions extends TurnFields {
  onEvent?: (event: CodexEvent) => void;
  /** Gets each question of the turn; its answer is sent. `undefined` leaves the question to somebody else. */
  onApproval?: (approval: Approval) => Promise<Answer | undefined> | Answer | undefined;
  /** How long to wait for the end; then a `TurnTimeoutError` is thrown, and the turn goes on. */
  timeoutMs?: number;
  /** Stops the waiting, not the turn. */
  signal?: AbortSignal;
}

/** What to follow of the events. */
export interface EventOptions extends FollowOptions {
  /** Names of events: only these come. */
  types?: readonly string[];
}

const path = <Ids extends object>(ids: Ids): { params: { path: Ids } } => ({ params: { path: ids } });

/** `client.threads`: conversations with the agent, and their turns. Fields and queries are those of docs/reference. */
export class Threads {
  constructor(
    private readonly api: Api,
    private readonly approvals: Approvals,
  ) {}

  create(fields: Schemas['CreateThread'] = {}, options: CallOptions = {}): Promise<Thread> {
    return unwrap(this.api.POST('/api/v2/threads', { body: fields, ...options }));
  }

  list(query: ThreadQuery = {}, options: CallOptions = {}): Promise<Schemas['ThreadPage']> {
    return unwrap(this.api.GET('/api/v2/threads', { params: { query }, ...options }));
  }

  /** Every thread, page by page as they are asked for. */
  async *all(query: ThreadQuery = {}, options: CallOptions = {}): AsyncGenerator<Thread, void, undefined> {
    let page = await this.list(query, options);
    yield* page.data;
    while (page.next_cursor !== null) {
      page = await this.list({ ...query, cursor: page.next_cursor }, options);
      yield* page.data;
    }
  }

  get(threadId: string, options: CallOptions = {}): Promise<Thread> {
    return unwrap(this.api.GET('/api/v2/threads/{thread_id}', { ...path({ thread_id: threadId }), ...options }));
  }

  update(threadId: string, fields: Schemas['UpdateThread'], options: CallOptions = {}): Promise<Thread> {
    const call = { ...path({ thread_id: threadId }), body: fields, ...options };
    return unwrap(this.api.PATCH('/api/v2/threads/{thread_id}', call));
  }

  async delete(threadId: string, options: CallOptions = {}): Promise<void> {
    await this.api.DELETE('/api/v2/threads/{thread_id}', { ...path({ thread_id: threadId }), ...options });
  }

  /** Loads it into the engine, with other settings if any are given. A turn does it by itself. */
  resume(threadId: string, fields: Schemas['ResumeThread'] = {}, options: CallOptions = {}): Promise<Thread> {
    const call = { ...path({ thread_id: threadId }), body: fields, ...options };
    return unwrap(this.api.POST('/api/v2/threads/{thread_id}/resume', call));
  }

  /** A new thread with this one's history, up to and with `turn_id` if given. */
  fork(
    threadId: string,
    fields: Schemas['ForkThread'] = {},
    options: CallOptions = {},
  ): Promise<Schemas['ForkedThread']> {
    const call = { ...path({ thread_id: threadId }), body: fields, ...options };
    return unwrap(this.api.POST('/api/v2/threads/{thread_id}/fork', call));
  }

  archive(threadId: string, options: CallOptions = {}): Promise<Thread> {
    const call = { ...path({ thread_id: threadId }), ...options };
    return unwrap(this.api.POST('/api/v2/threads/{thread_id}/archive', call));
  }

  unarchive(threadId: string, options: CallOptions = {}): Promise<Thread> {
    const call = { ...path({ thread_id: threadId }), ...options };
    return unwrap(this.api.POST('/api/v2/threads/{thread_id}/unarchive', call));
  }

  /** Drops turns from the history: those after `turn_id`, or the last `num_turns`. Files stay as they are. */
  rollback(
    threadId: string,
    fields: Schemas['RollbackThread'],
    options: CallOptions = {},
  ): Promise<Schemas['RolledBackThread']> {
    const call = { ...path({ thread_id: threadId }), body: fields, ...options };
    return unwrap(this.api.POST('/api/v2/threads/{thread_id}/rollback', call));
  }

  compact(threadId: string, options: CallOptions = {}): Promise<Thread> {
    const call = { ...path({ thread_id: threadId }), ...options };
    return unwrap(this.api.POST('/api/v2/threads/{thread_id}/compact', call));
  }

  /** Asks the agent; the turn is safe when this resolves, and runs when those before it have ended. */
  submitTurn(threadId: string, turn: TurnFields & { input: Input }, options: CallOptions = {}): Promise<Turn> {
    const body = { ...turn, input: toInput(turn.input) };
    const call = { ...path({ thread_id: threadId }), body, ...options };
    return unwrap(this.api.POST('/api/v2/threads/{thread_id}/turns', call));
  }

  turns(threadId: string, query: PageQuery = {}, options: CallOptions = {}): Promise<Schemas['TurnPage']> {
    const params = { path: { thread_id: threadId }, query };
    return unwrap(this.api.GET('/api/v2/threads/{thread_id}/turns', { params, ...options }));
  }

  turn(threadId: string, turnId: string, options: CallOptions = {}): Promise<Turn> {
    const call = { ...path({ thread_id: threadId, turn_id: turnId }), ...options };
    return unwrap(this.api.GET('/api/v2/threads/{thread_id}/turns/{turn_id}', call));
  }

  items(threadId: string, query: ItemQuery = {}, options: CallOptions = {}): Promise<Schemas['ItemPage']> {
    const params = { path: { thread_id: threadId }, query };
    return unwrap(this.api.GET('/api/v2/threads/{thread_id}/items', { params, ...options }));
  }

  /** Ends the running turn; with `turnId` that one, which is cancelled if it still waits. */
  interrupt(threadId: string, turnId?: string, options: CallOptions = {}): Promise<Turn> {
    if (turnId === undefined) {
      const call = { ...path({ thread_id: threadId }), ...options };
      return unwrap(this.api.POST('/api/v2/threads/{thread_id}/turns/interrupt', call));
    }
    const call = { ...path({ thread_id: threadId, turn_id: turnId }), ...options };
    return unwrap(this.api.POST('/api/v2/threads/{thread_id}/turns/{turn_id}/interrupt', call));
  }

  /** Adds input to the running turn. */
  steer(threadId: string, turnId: string, input: Input, options: CallOptions = {}): Promise<Turn> {
    const body = { input: toInput(input) };
    const call = { ...path({ thread_id: threadId, turn_id: turnId }), body, ...options };
    return unwrap(this.api.POST('/api/v2/threads/{thread_id}/turns/{turn_id}/steer', call));
  }

  /**
   * Every event of the thread once and in order, over any number of reconnections; it does not end by itself. A
   * `stream/gap` says that what was asked for is no longer kept.
   */
  events(threadId: string, { types, ...options }: EventOptions = {}): AsyncGenerator<CodexEvent, void, undefined> {
    const filter = types ? { types: types.join(',') } : {};
    return follow(async (after, signal) => {
      const { response } = await this.api.GET('/api/v2/threads/{thread_id}/events', {
        params: { path: { thread_id: threadId }, query: after === undefined ? filter : { ...filter, after } },
        parseAs: 'stream',
        signal,
      });
      return response;
    }, options);
  }

  /** Submits a turn, and resolves with it once it has ended, with all its items; look at its `status`. */
  async run(threadId: string, input: Input, options: RunOptions = {}): Promise<Turn> {
    const { timeoutMs, signal } = options;
    const call = signal ? { signal } : {};
    const { latest_seq: after } = await this.get(threadId, call);
    const { turn_id: turnId } = await this.submitTurn(threadId, { ...toTurnFields(options), input }, call);
    const deadline = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const signals = [signal, deadline].filter((one) => one !== undefined);
    try {
      await this.#watch(turnId, this.events(threadId, { after, signal: AbortSignal.any(signals) }), options);
    } catch (error) {
      signal?.throwIfAborted();
      throw deadline?.aborted === true ? new TurnTimeoutError(threadId, turnId) : error;
    }
    return this.turn(threadId, turnId, call);
  }

  /** Resolves when the turn is over. */
  async #watch(turnId: string, events: AsyncIterable<CodexEvent>, { onEvent, onApproval }: RunOptions): Promise<void> {
    for await (const event of events) {
      if (event.turn_id !== turnId) {
        continue;
      }
      onEvent?.(event);
      if (onApproval && QUESTIONS.has(event.event)) {
        await this.#ask(event, onApproval);
      }
      if (event.event === 'turn/completed' || event.event === 'turn/cancelled') {
        return;
      }
    }
  }

  async #ask(event: CodexEvent, onApproval: NonNullable<RunOptions['onApproval']>): Promise<void> {
    const { thread_id: threadId, approval_id: approvalId } = event as unknown as Approval;
    const approval = await this.approvals.find(threadId, approvalId);
    const answer = approval?.status === 'pending' ? await onApproval(approval) : undefined;
    if (approval && answer !== undefined) {
      await this.approvals.answer(approval, answer);
    }
  }
}

/** What the agent said last in the turn; empty if it said nothing. */
export function textOf({ items }: Pick<Turn, 'items'>): string {
  return items.findLast((item) => item.type === 'agent_message')?.text ?? '';
}

function toInput(input: Input): Schemas['SubmitTurn']['input'] {
  return typeof input === 'string' ? [{ type: 'text', text: input }] : input;
}

/** What of the options is the server's. */
function toTurnFields(options: RunOptions): TurnFields {
  return Object.fromEntries(Object.entries(options).filter(([key]) => !OWN_OPTIONS.has(key)));
}

const OWN_OPTIONS = new Set(['onEvent', 'onApproval', 'timeoutMs', 'signal']);
