import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Gates } from './gates.js';
import { type ModelRequest } from './model-request.js';
import { toDeltaFrames } from './delta-frames.js';
import { type ResponseStream } from './response-stream.js';
import { isCallStep, type CallStep, type OutputStep, type Step, type TokenUsage, type WireStep } from './step.js';
import { type ToolCallItem, toToolCallItem } from './tool-call.js';
import { estimateUsage, toUsageFields } from './token-usage.js';

/** What one response is played with. `signal` aborts when its connection is gone. */
export interface Stage {
  stream: ResponseStream;
  request: ModelRequest;
  gates: Gates;
  signal: AbortSignal;
}

/** Gate behind which every `stall` waits. */
export const stallGate = 'stall';

interface OpenMessage {
  id: string;
  text: string;
}

/** Plays the steps of one response, in the order of events that the Responses API has. */
export class ResponsePlayer {
  readonly #stage: Stage;
  readonly #id = `resp_${randomUUID().replaceAll('-', '')}`;
  readonly #output: Record<string, unknown>[] = [];
  #isBegun = false;
  #isEnded = false;
  #paceMs = 0;
  #areIdsNumbered = false;
  #message: OpenMessage | undefined;
  #usage: TokenUsage | undefined;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Plays the steps to the end of the response. Rejects if the connection goes away meanwhile. */
  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#playStep(step);
      if (this.#isEnded) {
        return;
      }
    }
    await this.#begin();
    await this.#closeMessage();
    const usage = this.#usage ?? estimateUsage(this.#stage.request, this.#output);
    const response = { ...this.#head('completed'), output: this.#output, usage: toUsageFields(usage) };
    await this.#stage.stream.send('response.completed', { response });
    this.#stage.stream.end();
  }

  async #playStep(step: Step): Promise<void> {
    if (isCallStep(step)) {
      await this.#call(step);
    } else if (step.kind === 'say' || step.kind === 'think' || step.kind === 'deltas') {
      await this.#put(step);
    } else {
      await this.#steer(step);
    }
  }

  async #put(step: OutputStep): Promise<void> {
    switch (step.kind) {
      case 'say':
        await this.#say(step.text);
        return step.isOpen ? undefined : this.#closeMessage();
      case 'think':
        return this.#think(step.text);
      case 'deltas': {
        const message = await this.#openMessage();
        for (const { frames, text } of toDeltaFrames({ ...step, itemId: message.id })) {
          message.text += text;
          await this.#stage.stream.write(frames);
        }
        return this.#closeMessage();
      }
    }
  }

  async #steer(step: WireStep): Promise<void> {
    const { gates, signal, stream } = this.#stage;
    switch (step.kind) {
      case 'pace':
        this.#paceMs = step.delayMs;
        return;
      case 'delay':
        return wait(step.delayMs, undefined, { signal });
      case 'gate':
        return gates.pass(step.name, signal);
      case 'stall':
        await this.#begin();
        return gates.pass(stallGate, signal);
      case 'usage':
        this.#usage = step.usage;
        return;
      case 'ids':
        this.#areIdsNumbered = true;
        return;
      case 'cut':
        this.#isEnded = true;
        return stream.cut();
      case 'fail':
      case 'fail-response':
        return this.#fail(step);
    }
  }

  /** An HTTP status is told before the first event; after it, the same fault can only be a failed response. */
  async #fail(step: Extract<WireStep, { kind: 'fail' | 'fail-response' }>): Promise<void> {
    const { stream } = this.#stage;
    this.#isEnded = true;
    if (step.kind === 'fail' && !stream.isOpen) {
      stream.refuse(step.status, {
        message: step.message,
        type: 'scripted_error',
        code: `http_${String(step.status)}`,
      });
      return;
    }
    await this.#begin();
    const code = step.kind === 'fail' ? 'server_error' : step.code;
    const response = { ...this.#head('failed'), output: [], error: { code, message: step.message } };
    await stream.send('response.failed', { response });
    stream.end();
  }

  async #say(text: string): Promise<void> {
    const message = await this.#openMessage();
    for (const delta of text.match(/\s*\S+\s*$|\s*\S+|\s+$/g) ?? []) {
      if (this.#paceMs > 0) {
        await wait(this.#paceMs, undefined, { signal: this.#stage.signal });
      }
      message.text += delta;
      const place = { item_id: message.id, output_index: this.#output.length, content_index: 0 };
      await this.#stage.stream.send('response.output_text.delta', { ...place, delta });
    }
  }

  async #openMessage(): Promise<OpenMessage> {
    if (this.#message) {
      return this.#message;
    }
    await this.#begin();
    const id = this.#newId('msg');
    const item = { type: 'message', id, status: 'in_progress', role: 'assistant', content: [] };
    await this.#stage.stream.send('response.output_item.added', { output_index: this.#output.length, item });
    this.#message = { id, text: '' };
    return this.#message;
  }

  async #closeMessage(): Promise<void> {
    if (this.#message) {
      const { id, text } = this.#message;
      this.#message = undefined;
      const content = [{ type: 'output_text', text, annotations: [] }];
      await this.#done({ type: 'message', id, status: 'completed', role: 'assistant', content });
    }
  }

  async #think(text: string): Promise<void> {
    await this.#closeMessage();
    await this.#begin();
    const id = this.#newId('rs');
    const place = { item_id: id, output_index: this.#output.length, summary_index: 0 };
    const { stream } = this.#stage;
    await stream.send('response.output_item.added', {
      output_index: place.output_index,
      item: { type: 'reasoning', id, summary: [] },
    });
    await stream.send('response.reasoning_summary_part.added', { ...place, part: { type: 'summary_text', text: '' } });
    for (const delta of text.match(/\s*\S+/g) ?? []) {
      await stream.send('response.reasoning_summary_text.delta', { ...place, delta });
    }
    await this.#done({ type: 'reasoning', id, summary: [{ type: 'summary_text', text }] });
  }

  async #call(step: CallStep): Promise<void> {
    await this.#closeMessage();
    await this.#begin();
    const item = this.#named(toToolCallItem(step, this.#stage.request.tools));
    const place = { item_id: item.id, output_index: this.#output.length };
    const isFunction = item.type === 'function_call';
    const delta = isFunction ? item.arguments : item.input;
    const { stream } = this.#stage;
    await stream.send('response.output_item.added', {
      output_index: place.output_index,
      item: { ...item, status: 'in_progress', ...(isFunction ? { arguments: '' } : { input: '' }) },
    });
    const name = isFunction ? 'response.function_call_arguments' : 'response.custom_tool_call_input';
    await stream.send(`${name}.delta`, { ...place, delta });
    await stream.send(`${name}.done`, { ...place, ...(isFunction ? { arguments: delta } : { input: delta }) });
    await this.#done({ ...item });
  }

  #newId(prefix: string): string {
    return `${prefix}_${this.#areIdsNumbered ? String(this.#output.length) : randomUUID().replaceAll('-', '')}`;
  }

  #named(item: ToolCallItem): ToolCallItem {
    if (!this.#areIdsNumbered) {
      return item;
    }
    const number = String(this.#output.length);
    return { ...item, id: `fc_${number}`, call_id: `${item.name}:${number}` };
  }

  async #done(item: Record<string, unknown>): Promise<void> {
    await this.#stage.stream.send('response.output_item.done', { output_index: this.#output.length, item });
    this.#output.push(item);
  }

  async #begin(): Promise<void> {
    if (!this.#isBegun) {
      this.#isBegun = true;
      await this.#stage.stream.send('response.created', { response: { ...this.#head('in_progress'), output: [] } });
    }
  }

  #head(status: string): Record<string, unknown> {
    return { id: this.#id, object: 'response', status, model: this.#stage.request.model };
  }
}
