import {
  type LanguageModelV4FinishReason,
  type LanguageModelV4StreamPart,
  type LanguageModelV4ToolCall,
  type LanguageModelV4Usage,
  type SharedV4ProviderMetadata,
} from '@ai-sdk/provider';
import { type ProviderWire } from '../../core/engine/model-provider.js';
import { withoutHalf } from '../../core/text/clip.js';
import { GatewayError } from '../gateway-error.js';
import { parseObject } from '../request/fields.js';
import { packNotes } from '../request/provider-notes.js';
import { FREEFORM_PARAMETER } from '../request/to-tools.js';
import { type ToolRegistry } from '../request/tool-registry.js';
import {
  type CallHead,
  openFunctionCall,
  openMessage,
  openReasoning,
  type OpenItem,
  type OpenReasoning,
  type ItemPosition,
  toWholeCall,
} from './open-items.js';
import { newId, type OutputItem, ResponseFrames } from './response-frames.js';
import { toUsage } from './to-usage.js';

export interface WriterContext {
  model: string;
  wire: ProviderWire;
  book: ToolRegistry;
  /** Ids of calls that the history has already. */
  callIds: ReadonlySet<string>;
  nowSeconds: number;
}

type Part<Type extends LanguageModelV4StreamPart['type']> = Extract<LanguageModelV4StreamPart, { type: Type }>;

interface OpenCall {
  head: CallHead;
  outputIndex: number;
  /** None for a call whose input is told as a whole. */
  item: OpenItem | undefined;
}

/**
 * Turns what a provider streams into the events of one response. Every call answers with the events to send, which may
 * be none. Throws `GatewayError` when the stream ends in a way that no answer can be made of.
 */
export class ResponseWriter {
  readonly #id = newId('resp');
  readonly #frames = new ResponseFrames();
  readonly #output: OutputItem[] = [];
  readonly #calls = new Map<string, OpenCall>();
  readonly #usedCallIds: Set<string>;
  readonly #callNotes: Record<string, SharedV4ProviderMetadata> = {};
  #itemCount = 0;
  #message: OpenItem | undefined;
  #reasoning: OpenReasoning | undefined;
  #held: { item: OpenItem; delta: string } | undefined;
  #isBegun = false;
  #isFinished = false;

  constructor(private readonly context: WriterContext) {
    this.#usedCallIds = new Set(context.callIds);
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  begin(): string {
    this.#isBegun = true;
    const response = this.#head('in_progress');
    return (
      this.#frames.event('response.created', { response }) + this.#frames.event('response.in_progress', { response })
    );
  }

  /** Ends the response as failed; what has been sent before stands. */
  fail({ code, message }: GatewayError): string {
    const opening = this.#isBegun ? this.takeRest() : this.begin();
    this.#isFinished = true;
    return (
      opening +
      this.#frames.event('response.failed', { response: { ...this.#head('failed'), error: { code, message } } })
    );
  }

  /** Deltas are held back, for others of the same moment to join them, until the next call that is none. */
  take(part: LanguageModelV4StreamPart): string {
    const delta = part.type === 'text-delta' || part.type === 'tool-input-delta' || part.type === 'reasoning-delta';
    return delta ? this.#takePart(part) : this.takeRest() + this.#takePart(part);
  }

  /** The events of what is held back. Half of a surrogate pair waits for the other half, or is left out. */
  takeRest(): string {
    const held = this.#held;
    this.#held = undefined;
    if (!held) {
      return '';
    }
    const delta = withoutHalf(held.delta);
    if (delta !== held.delta) {
      this.#held = { item: held.item, delta: held.delta.slice(-1) };
    }
    return delta === '' ? '' : held.item.append(delta);
  }

  /** The events that have to go before. */
  #hold(item: OpenItem, delta: string): string {
    if (this.#held?.item === item) {
      this.#held.delta += delta;
      return '';
    }
    const rest = this.takeRest();
    this.#held = { item, delta };
    return rest;
  }

  #takePart(part: LanguageModelV4StreamPart): string {
    switch (part.type) {
      case 'text-delta':
        return this.#text(part.delta);
      case 'text-end':
        return this.#closeMessage();
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'reasoning-end':
        return this.#think(part);
      case 'finish':
        return this.#finish(part);
      default:
        return this.#takeCall(part);
    }
  }

  #takeCall(part: LanguageModelV4StreamPart): string {
    switch (part.type) {
      case 'tool-input-start':
        return this.#openCall(part.id, part.toolName);
      case 'tool-input-delta':
        return this.#addInput(part);
      case 'tool-call':
        return this.#call(part);
      default:
        return '';
    }
  }

  #text(delta: string): string {
    if (delta === '') {
      return '';
    }
    if (this.#message) {
      return this.#hold(this.#message, delta);
    }
    const closing = this.takeRest() + this.#closeReasoning();
    const { item, frames } = openMessage(this.#position());
    this.#message = item;
    return closing + frames + this.#hold(item, delta);
  }

  #think(part: Part<'reasoning-start'> | Part<'reasoning-delta'> | Part<'reasoning-end'>): string {
    let frames = '';
    if (!this.#reasoning) {
      frames = this.takeRest() + this.#closeMessage();
      const opened = openReasoning(this.#position(), this.context.wire);
      this.#reasoning = opened.item;
      frames += opened.frames;
    }
    this.#reasoning.note(part.providerMetadata);
    if (part.type === 'reasoning-delta' && part.delta !== '') {
      return frames + this.#hold(this.#reasoning, part.delta);
    }
    return part.type === 'reasoning-end' ? frames + this.#closeReasoning() : frames;
  }

  #openCall(id: string, toolName: string): string {
    const closing = this.#closeMessage() + this.#closeReasoning();
    const head = { ...this.context.book.find(toolName), callId: this.#toCallId(id) };
    const position = this.#position();
    const opened = head.kind === 'function' ? openFunctionCall(position, head) : undefined;
    this.#calls.set(id, { head, outputIndex: position.outputIndex, item: opened?.item });
    return closing + (opened?.frames ?? '');
  }

  #addInput({ id, delta }: Part<'tool-input-delta'>): string {
    const item = this.#calls.get(id)?.item;
    return item ? this.#hold(item, delta) : '';
  }

  #call({ toolCallId, toolName, input, providerMetadata }: LanguageModelV4ToolCall): string {
    const isNew = !this.#calls.has(toolCallId);
    let frames = isNew ? this.#openCall(toolCallId, toolName) : '';
    const call = this.#calls.get(toolCallId);
    if (call === undefined) {
      return frames;
    }
    this.#calls.delete(toolCallId);
    if (providerMetadata && SIGNS_CALLS[this.context.wire]) {
      this.#callNotes[call.head.callId] = providerMetadata;
    }
    if (call.item && isNew && input !== '') {
      frames += call.item.append(input);
    }
    const position = { frames: this.#frames, outputIndex: call.outputIndex };
    return frames + this.#keep(call.item?.close() ?? toWholeCall(position, call.head, toInput(input)));
  }

  #finish({ finishReason, usage }: Part<'finish'>): string {
    const closing = this.#closeMessage() + this.#closeReasoning() + this.#noteCalls();
    this.#requireAnswer(finishReason);
    this.#isFinished = true;
    return closing + this.#end(finishReason, usage);
  }

  /** A filter that leaves no word is a refusal that has to be told; one that comes after words is told by them. */
  #requireAnswer({ unified, raw }: LanguageModelV4FinishReason): void {
    const reason = raw === undefined ? '' : ` (${raw})`;
    if (unified === 'interrupted' || unified === 'error' || raw === undefined) {
      throw new GatewayError('server_error', 'The provider ended the stream before the answer was complete.');
    }
    if (unified === 'content-filter' && this.#output.every(({ type }) => type === 'reasoning')) {
      throw new GatewayError('invalid_prompt', `The provider refuses to answer this${reason}.`);
    }
    if (unified === 'other' && this.#output.length === 0) {
      throw new GatewayError('server_error', `The provider ended without an answer${reason}.`);
    }
  }

  #end({ unified }: LanguageModelV4FinishReason, usage: LanguageModelV4Usage): string {
    const counted = { output: this.#output, usage: toUsage(usage) };
    if (unified === 'length') {
      const details = { incomplete_details: { reason: 'max_output_tokens' } };
      return this.#frames.event('response.incomplete', {
        response: { ...this.#head('incomplete'), ...counted, ...details },
      });
    }
    return this.#frames.event('response.completed', { response: { ...this.#head('completed'), ...counted } });
  }

  /** Signatures of calls have no position of their own on the Responses wire. */
  #noteCalls(): string {
    if (Object.keys(this.#callNotes).length === 0) {
      return '';
    }
    const { wire } = this.context;
    const notes = packNotes({ wire, calls: this.#callNotes });
    const item = { id: newId('rs'), type: 'reasoning', summary: [], encrypted_content: notes };
    const at = { output_index: this.#position().outputIndex, item };
    const frames = this.#frames.event('response.output_item.added', at);
    return this.#keep({ frames: frames + this.#frames.event('response.output_item.done', at), item });
  }

  #closeMessage(): string {
    const message = this.#message;
    this.#message = undefined;
    return message ? this.#keep(message.close()) : '';
  }

  #closeReasoning(): string {
    const reasoning = this.#reasoning;
    this.#reasoning = undefined;
    return reasoning ? this.#keep(reasoning.close()) : '';
  }

  #keep({ frames, item }: { frames: string; item: OutputItem }): string {
    this.#output.push(item);
    return frames;
  }

  #position(): ItemPosition {
    return { frames: this.#frames, outputIndex: this.#itemCount++ };
  }

  /** The provider's own id, unless it has used it before, as servers do that count from 0 in each answer. */
  #toCallId(id: string): string {
    const callId = id === '' || this.#usedCallIds.has(id) ? newId('call') : id;
    this.#usedCallIds.add(callId);
    return callId;
  }

  #head(status: string): Record<string, unknown> {
    const { model, nowSeconds } = this.context;
    return { id: this.#id, object: 'response', created_at: nowSeconds, status, model, output: [] };
  }
}

/** Gemini signs calls and wants the signatures back, also where it speaks the chat wire. */
const SIGNS_CALLS: Readonly<Record<ProviderWire, boolean>> = {
  chat: true,
  gemini: true,
  deepseek: false,
  anthropic: false,
};

/** Models write the one string of a freeform tool as they were told, under another name, or without JSON. */
function toInput(input: string): { text: string; fields: object } {
  const fields = parseObject(input);
  const value =
    fields?.[FREEFORM_PARAMETER] ?? (fields && Object.values(fields).find((one) => typeof one === 'string'));
  return { text: typeof value === 'string' ? value : input, fields: fields ?? {} };
}
