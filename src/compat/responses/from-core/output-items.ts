import { type Payload } from '../../../core/engine/engine.js';
import { type CallerCall } from '../../../core/turns/call-gathering.js';
import { type Item } from '../store/response-record.js';
import { type EventWriter } from './stream-event.js';

interface OpenItem {
  outputIndex: number;
  /** Tells what is left of the item and gives its last form. */
  close: (status: 'completed' | 'incomplete', outputIndex: number) => Item;
}

/** The output items of one response, in order, each told from its beginning to its end. */
export class OutputItems {
  readonly #items: Item[] = [];
  readonly #open = new Map<string, OpenItem>();
  /** Places of items that came to nothing. */
  readonly #voided = new Set<number>();

  constructor(private readonly writer: EventWriter) {}

  /** As they are now, whatever comes later; those still open as they were added, those that came to nothing left out. */
  get items(): readonly Item[] {
    return this.#items.filter((_, index) => !this.#voided.has(index));
  }

  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  indexOf(id: string): number {
    return this.#open.get(id)?.outputIndex ?? -1;
  }

  add(id: string, item: Item, close: OpenItem['close']): number {
    const outputIndex = this.#items.length;
    this.#items.push(item);
    this.#open.set(id, { outputIndex, close });
    this.writer.write('response.output_item.added', { output_index: outputIndex, item });
    return outputIndex;
  }

  done(id: string, status: 'completed' | 'incomplete' = 'completed'): void {
    const open = this.#open.get(id);
    if (open) {
      this.#open.delete(id);
      const item = open.close(status, open.outputIndex);
      this.#items[open.outputIndex] = item;
      this.writer.write('response.output_item.done', { output_index: open.outputIndex, item });
    }
  }

  /** An open item comes to nothing: who was told of it learns that it is not whole. */
  void(id: string): void {
    const open = this.#open.get(id);
    if (open) {
      this.done(id, 'incomplete');
      this.#voided.add(open.outputIndex);
    }
  }

  /** The response ends: what is open stays as it stands. */
  endAll(): void {
    for (const id of [...this.#open.keys()]) {
      this.done(id, 'incomplete');
    }
  }
}

/** The events of a call of the caller's function, whose arguments are known as a whole. */
export function tellCall(items: OutputItems, writer: EventWriter, call: CallerCall): void {
  const id = toCallItemId(call);
  const base = { type: 'function_call', id, call_id: call.callId, name: call.name };
  const item = { ...base, arguments: call.arguments, status: 'completed' };
  const place = {
    item_id: id,
    output_index: items.add(id, { ...base, arguments: '', status: 'in_progress' }, () => item),
  };
  if (call.arguments !== '') {
    writer.write('response.function_call_arguments.delta', { ...place, delta: call.arguments });
  }
  writer.write('response.function_call_arguments.done', { ...place, name: call.name, arguments: call.arguments });
  items.done(id);
}

export function toCallItemId({ itemId, callId }: CallerCall): string {
  return itemId === callId ? `fc_${callId.replace(/^call_/, '')}` : itemId;
}

export function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function isObject(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
