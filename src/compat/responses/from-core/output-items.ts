import { type Payload } from '../../../core/engine/engine.js';
import { type CallerCall } from '../../../core/turns/call-collector.js';
import { type CallForm, type Item } from '../store/response-record.js';
import { toCallItem } from '../to-core/call-items.js';
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

/** The events of a call of the caller's tool, whose arguments are known as a whole. */
export function tellCall(items: OutputItems, writer: EventWriter, call: CallerCall, form?: CallForm): void {
  const id = toCallItemId(call, form?.type);
  const item = toCallItem({ ...call, id }, form);
  const field = TOLD_FIELDS[item.type];
  const begun = { ...item, status: 'in_progress', ...(field ? { [field]: '' } : {}) };
  const place = { item_id: id, output_index: items.add(id, begun, () => item) };
  if (field) {
    const told = toText(item[field]);
    const name = item.type === 'function_call' ? { name: call.name } : {};
    if (told !== '') {
      writer.write(`response.${EVENTS[field]}.delta`, { ...place, delta: told });
    }
    writer.write(`response.${EVENTS[field]}.done`, { ...place, ...name, [field]: told });
  }
  items.done(id);
}

/** What of a call the model writes as it goes. */
const TOLD_FIELDS: Readonly<Record<string, 'arguments' | 'input'>> = {
  function_call: 'arguments',
  custom_tool_call: 'input',
};
const EVENTS = { arguments: 'function_call_arguments', input: 'custom_tool_call_input' } as const;

function toCallItemId({ itemId, callId }: CallerCall, type: CallForm['type'] = 'function'): string {
  return itemId === callId ? `${ID_PREFIXES[type]}_${callId.replace(/^call_/, '')}` : itemId;
}

const ID_PREFIXES = { function: 'fc', custom: 'ctc', local_shell: 'lsh' } as const;

export function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function isObject(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
