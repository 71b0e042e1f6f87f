import { type Payload } from '../../../core/engine/engine.js';
import { type Item } from '../../../core/events/catalogue.js';
import { type CallerCall } from '../../../core/turns/call-collector.js';
import { OutputBudget } from '../../../core/turns/output-budget.js';
import { type TurnEvent } from '../../../core/turns/turn-event.js';
import { UsageMeter } from '../../../core/turns/turn-usage.js';
import { CHOICE_NOT_FOLLOWED } from '../../openai/tool-choice.js';
import { type FoldOptions, type ResponseStatus } from '../store/response-record.js';
import { CodexOutput } from './codex-output.js';
import { MessageOutput } from './message-output.js';
import { OutputItems, tellCall } from './output-items.js';
import { ReasoningOutput } from './reasoning-output.js';
import { NO_USAGE, toResource } from './response-resource.js';
import { EventWriter, type StreamEvent } from './stream-event.js';
import { type ResponseError, toResponseError } from './turn-error.js';

interface Ending {
  status: ResponseStatus;
  error?: ResponseError;
  incompleteReason?: string;
  atMs: number;
}

/**
 * Makes the events of one response out of the events of its turn, without I/O: the same events give the same stream, so
 * that it can be told again at any time.
 */
export class ResponseFold {
  readonly #writer = new EventWriter();
  readonly #items = new OutputItems(this.#writer);
  readonly #messages = new MessageOutput(this.#items, this.#writer);
  readonly #codex: CodexOutput | undefined;
  readonly #reasoning: ReasoningOutput;
  readonly #usage = new UsageMeter();
  readonly #budget: OutputBudget | undefined;
  #ending: Ending | undefined;
  #isLost = false;

  constructor(
    private readonly head: Payload,
    private readonly options: FoldOptions,
  ) {
    const { hasCodexItems, hasEncryptedReasoning, maxOutputTokens } = options;
    this.#codex = hasCodexItems ? new CodexOutput(this.#items, this.#writer) : undefined;
    this.#reasoning = new ReasoningOutput(this.#items, this.#writer, hasEncryptedReasoning);
    this.#budget = maxOutputTokens === null ? undefined : new OutputBudget(maxOutputTokens);
  }

  get isEnded(): boolean {
    return this.#ending !== undefined;
  }

  /** The resource as it stands. */
  get resource(): Payload {
    const { status, error, incompleteReason, atMs } = this.#ending ?? { status: 'in_progress' };
    return toResource(this.head, {
      status,
      output: this.#items.items,
      usage: this.#ending ? (this.#usage.total ?? NO_USAGE) : undefined,
      error: error ?? null,
      incompleteReason: incompleteReason ?? null,
      completedAt: atMs === undefined ? null : Math.floor(atMs / 1000),
    });
  }

  get status(): ResponseStatus {
    return this.#ending?.status ?? 'in_progress';
  }

  /** The first events, before anything has come of the turn. */
  begin(): StreamEvent[] {
    const response = this.resource;
    const { isBackground } = this.options;
    this.#writer.write('response.created', { response: isBackground ? { ...response, status: 'queued' } : response });
    if (isBackground) {
      this.#writer.write('response.queued', { response: { ...response, status: 'queued' } });
    }
    this.#writer.write('response.in_progress', { response });
    return this.#writer.takeAll();
  }

  take(event: TurnEvent, isCancelRequested = false): StreamEvent[] {
    if (!this.isEnded) {
      this.#usage.take(event);
      this.#takeEvent(event, isCancelRequested);
    }
    return this.#writer.takeAll();
  }

  /** The turn waits for these calls of the caller's functions: the response ends with them. */
  park(calls: readonly CallerCall[], atMs: number): StreamEvent[] {
    if (!this.isEnded) {
      this.#reasoning.flush();
      for (const call of calls) {
        tellCall(this.#items, this.#writer, call, this.options.callForms?.[call.name]);
      }
      this.#end({ status: 'completed', atMs });
    }
    return this.#writer.takeAll();
  }

  /** Nothing more will come of the turn. */
  lose(message: string, atMs: number): StreamEvent[] {
    if (!this.isEnded) {
      this.#end({ status: 'failed', error: { code: 'server_error', message }, atMs });
    }
    return this.#writer.takeAll();
  }

  #takeEvent(event: TurnEvent, isCancelRequested: boolean): void {
    const { type, payload, emittedAtMs: atMs } = event;
    switch (type) {
      case 'item/started':
      case 'item/completed':
        this.#takeItem(payload.item, type === 'item/completed', atMs);
        return;
      case 'item/agentMessage/delta':
        this.#say(payload.item_id, payload.delta, atMs);
        return;
      case 'item/reasoning/textDelta':
        this.#reasoning.content(payload);
        return;
      case 'item/reasoning/summaryPartAdded':
      case 'item/reasoning/summaryTextDelta':
        this.#reasoning.summary(payload);
        return;
      case 'rawResponseItem/completed':
        this.#takeRawItem(payload.item);
        return;
      case 'turn/completed':
        this.#end(this.#toEnding(payload.turn ?? {}, isCancelRequested, atMs));
        return;
      default:
        this.#takeOther(event);
    }
  }

  /** Its stream broke and the model is asked again: the answer lacks it, and it counts for nothing. */
  #abandon(itemId: string): void {
    this.#budget?.reset(this.#budget.usedBytes - Buffer.byteLength(this.#messages.textOf(itemId)));
    this.#items.void(itemId);
  }

  #takeOther(event: TurnEvent): void {
    if (event.type === 'turn/cancelled') {
      this.#end({ status: 'cancelled', atMs: event.emittedAtMs });
      return;
    }
    if (event.type === 'item/abandoned') {
      this.#abandon(event.payload.item_id);
    }
    this.#isLost ||= event.type === 'engine/restarted';
    this.#codex?.event(event);
  }

  #takeRawItem(item: Payload): void {
    if (item.type === 'reasoning') {
      this.#reasoning.raw(item);
    }
  }

  #takeItem(item: Item, isCompleted: boolean, atMs: number): void {
    if (item.type !== 'reasoning') {
      this.#reasoning.flush();
    }
    switch (item.type) {
      case 'agent_message':
        this.#messages.start(item);
        if (isCompleted) {
          this.#say(item.id, this.#messages.missing(item), atMs);
          this.#items.done(item.id);
        }
        return;
      case 'reasoning':
        this.#reasoning[isCompleted ? 'completed' : 'start'](item);
        return;
      case 'user_message':
      case 'dynamic_tool_call':
        return;
      default:
        this.#codex?.item(item, isCompleted);
    }
  }

  #say(itemId: string, delta: string, atMs: number): void {
    const text = this.#budget?.take(delta) ?? delta;
    this.#messages.delta(itemId, text);
    if (text.length < delta.length) {
      this.#end({ status: 'incomplete', incompleteReason: 'max_output_tokens', atMs });
    }
  }

  #toEnding({ status, error }: Payload, isCancelRequested: boolean, atMs: number): Ending {
    if (status === 'failed') {
      return { status: 'failed', error: toResponseError(error), atMs };
    }
    if (status !== 'interrupted') {
      return this.options.mustCall === true
        ? { status: 'failed', error: CHOICE_NOT_FOLLOWED, atMs }
        : { status: 'completed', atMs };
    }
    if (this.#isLost && !isCancelRequested) {
      const message = 'The server was restarted while this response was being made.';
      return { status: 'failed', error: { code: 'server_error', message }, atMs };
    }
    return { status: 'cancelled', atMs };
  }

  #end(ending: Ending): void {
    if (this.#ending) {
      return;
    }
    this.#reasoning.flush();
    this.#items.endAll();
    this.#ending = ending;
    this.#writer.write(toTerminal(ending.status), { response: this.resource });
  }
}

/** The standard has three last events; a response that was cancelled did not come to its end. */
function toTerminal(status: ResponseStatus): string {
  switch (status) {
    case 'completed':
      return 'response.completed';
    case 'failed':
      return 'response.failed';
    default:
      return 'response.incomplete';
  }
}
