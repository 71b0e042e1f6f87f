import { type Payload } from '../../../core/engine/engine.js';
import { type Item } from '../store/response-record.js';
import { type OutputItems, toText } from './output-items.js';
import { type EventWriter } from './stream-event.js';

/** The agent's messages as output items. */
export class MessageOutput {
  readonly #texts = new Map<string, string>();

  constructor(
    private readonly items: OutputItems,
    private readonly writer: EventWriter,
  ) {}

  start(item: Payload): void {
    const id = toText(item.id);
    if (this.items.isOpen(id)) {
      return;
    }
    this.#texts.set(id, '');
    const phase = typeof item.phase === 'string' ? { phase: item.phase } : {};
    const base = { type: 'message', id, role: 'assistant', ...phase };
    const outputIndex = this.items.add(id, { ...base, status: 'in_progress', content: [] }, (status, index) =>
      this.#close(id, index, { ...base, status }),
    );
    const place = { item_id: id, output_index: outputIndex, content_index: 0 };
    this.writer.write('response.content_part.added', { ...place, part: toPart('') });
  }

  delta(id: string, delta: string): void {
    if (delta !== '' && this.items.isOpen(id)) {
      this.#texts.set(id, (this.#texts.get(id) ?? '') + delta);
      const place = { item_id: id, output_index: this.items.indexOf(id), content_index: 0 };
      this.writer.write('response.output_text.delta', { ...place, delta, logprobs: [] });
    }
  }

  /** What was told so far of a message that is not over. */
  textOf(id: string): string {
    return this.#texts.get(id) ?? '';
  }

  /** What the engine did not tell in deltas is told now. Gives that text. */
  missing(item: Payload): string {
    const told = this.textOf(toText(item.id));
    const text = toText(item.text);
    return text.startsWith(told) ? text.slice(told.length) : '';
  }

  #close(id: string, outputIndex: number, base: Item): Item {
    const text = this.textOf(id);
    const place = { item_id: id, output_index: outputIndex, content_index: 0 };
    const part = toPart(text);
    this.#texts.delete(id);
    this.writer.write('response.output_text.done', { ...place, text, logprobs: [] });
    this.writer.write('response.content_part.done', { ...place, part });
    return { ...base, content: [part] };
  }
}

function toPart(text: string): Payload {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}
