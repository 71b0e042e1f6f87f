import { type Payload } from '../../../core/engine/engine.js';
import { type Delta } from '../../../core/events/catalogue.js';
import { type Item } from '../store/response-record.js';
import { isObject, type OutputItems, toText } from './output-items.js';
import { type EventWriter } from './stream-event.js';

interface Thought {
  /** By summary index. */
  summaries: string[];
  contents: string[];
  encrypted: string | null;
}

/** What the model thinks, as output items. */
export class ReasoningOutput {
  readonly #thoughts = new Map<string, Thought>();
  /** Finished, but for its encrypted form, of which the engine tells right afterwards. */
  #waitingId: string | undefined;

  constructor(
    private readonly items: OutputItems,
    private readonly writer: EventWriter,
    private readonly hasEncrypted: boolean,
  ) {}

  start(item: Payload): void {
    const id = toText(item.id);
    if (!this.items.isOpen(id)) {
      this.#thoughts.set(id, { summaries: [], contents: [], encrypted: null });
      const base = { type: 'reasoning', id };
      this.items.add(id, { ...base, status: 'in_progress', summary: [] }, (status, index) =>
        this.#close(id, index, { ...base, status }),
      );
    }
  }

  /** A piece of the thought itself. */
  content({ item_id: id, delta, content_index: index }: Delta): void {
    const thought = this.#thoughts.get(id);
    if (thought) {
      const at = toIndex(index);
      thought.contents[at] = (thought.contents[at] ?? '') + delta;
      const fields = { item_id: id, output_index: this.items.indexOf(id), content_index: at, delta };
      this.writer.write('response.reasoning_text.delta', fields);
    }
  }

  /** A part of the summary begins, or goes on with `delta`. */
  summary({ item_id: id, delta, summary_index: index }: Payload & { item_id: string }): void {
    const thought = this.#thoughts.get(id);
    if (!thought) {
      return;
    }
    const place = { item_id: id, output_index: this.items.indexOf(id) };
    const at = toIndex(index);
    this.#openSummary(thought, place, at);
    if (typeof delta === 'string') {
      thought.summaries[at] = (thought.summaries[at] ?? '') + delta;
      this.writer.write('response.reasoning_summary_text.delta', { ...place, summary_index: at, delta });
    }
  }

  completed(item: Payload): void {
    this.start(item);
    const id = toText(item.id);
    const thought = this.#thoughts.get(id);
    if (thought) {
      this.#tellMissing(id, thought, item);
      if (this.hasEncrypted) {
        this.#waitingId = id;
      } else {
        this.items.done(id);
      }
    }
  }

  /** The model's own form of the thought that was finished last. */
  raw(item: Payload): void {
    const thought = this.#waitingId === undefined ? undefined : this.#thoughts.get(this.#waitingId);
    if (thought) {
      thought.encrypted = typeof item.encrypted_content === 'string' ? item.encrypted_content : null;
    }
    this.flush();
  }

  /** Something else happens: nothing more comes of a finished thought. */
  flush(): void {
    if (this.#waitingId !== undefined) {
      this.items.done(this.#waitingId);
      this.#waitingId = undefined;
    }
  }

  #tellMissing(id: string, thought: Thought, item: Payload): void {
    const place = { item_id: id, output_index: this.items.indexOf(id) };
    const summaries = Array.isArray(item.summary) ? (item.summary as unknown[]).map(toSummaryText) : [];
    for (const [index, text] of summaries.entries()) {
      this.#openSummary(thought, place, index);
      const told = thought.summaries[index] ?? '';
      if (text.startsWith(told) && text !== told) {
        thought.summaries[index] = text;
        const fields = { ...place, summary_index: index, delta: text.slice(told.length) };
        this.writer.write('response.reasoning_summary_text.delta', fields);
      }
    }
    if (thought.contents.length === 0 && Array.isArray(item.content)) {
      thought.contents.push(...(item.content as unknown[]).map(toSummaryText));
    }
  }

  #openSummary({ summaries }: Thought, place: Payload, index: number): void {
    while (summaries.length <= index) {
      const part = { type: 'summary_text', text: '' };
      this.writer.write('response.reasoning_summary_part.added', { ...place, summary_index: summaries.length, part });
      summaries.push('');
    }
  }

  #close(id: string, outputIndex: number, base: Item): Item {
    const { summaries = [], contents = [], encrypted = null } = this.#thoughts.get(id) ?? {};
    this.#thoughts.delete(id);
    for (const [index, text] of summaries.entries()) {
      const place = { item_id: id, output_index: outputIndex, summary_index: index };
      this.writer.write('response.reasoning_summary_text.done', { ...place, text });
      const part = { type: 'summary_text', text };
      this.writer.write('response.reasoning_summary_part.done', { ...place, part });
    }
    for (const [index, text] of contents.entries()) {
      const place = { item_id: id, output_index: outputIndex, content_index: index };
      this.writer.write('response.reasoning_text.done', { ...place, text });
    }
    return {
      ...base,
      summary: summaries.map((text) => ({ type: 'summary_text', text })),
      ...(contents.length === 0 ? {} : { content: contents.map((text) => ({ type: 'reasoning_text', text })) }),
      ...(this.hasEncrypted ? { encrypted_content: encrypted } : {}),
    };
  }
}

function toIndex(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? Math.min(value, 1000) : 0;
}

function toSummaryText(part: unknown): string {
  return isObject(part) ? toText(part.text) : toText(part);
}
