import { describeEvent } from './event-detail.js';
import { type StreamEvent } from './event-stream.js';
import { LINE_CHARS, paint, print, wrap } from './terminal.js';

const ID_CHARS = 7;
const NAME_CHARS = 25;
const TEXT_COLUMN = 3 + ID_CHARS + 2 + NAME_CHARS + 2;
const TEXT_CHARS = LINE_CHARS - TEXT_COLUMN;

/**
 * Prints events in few lines, each with the ids that it stands for: the deltas of a text as the text, the bookkeeping
 * between two telling events as a list of names.
 */
export class EventPrinter {
  #deltas: StreamEvent[] = [];
  #bookkeeping: StreamEvent[] = [];

  show(event: StreamEvent): void {
    if (event.name === 'item/agentMessage/delta') {
      this.#flushBookkeeping();
      this.#deltas.push(event);
      return;
    }
    this.#flushDeltas();
    const detail = describeEvent(event);
    if (detail) {
      this.#flushBookkeeping();
      printRow([event], event.name, detail.text);
      for (const line of detail.lines) {
        print(' '.repeat(TEXT_COLUMN) + line);
      }
    } else if (event.id !== null) {
      this.#bookkeeping.push(event);
    }
  }

  /** Prints what is still held back, for there is a pause or an end. */
  flush(): void {
    this.#flushDeltas();
    this.#flushBookkeeping();
  }

  #flushDeltas(): void {
    const deltas = this.#deltas.splice(0);
    if (deltas.length > 0) {
      const text = deltas
        .map(({ data }) => String(data.delta))
        .join('')
        .trim();
      printRow(deltas, 'item/agentMessage/delta', text, ['bold']);
    }
  }

  #flushBookkeeping(): void {
    const events = this.#bookkeeping.splice(0);
    if (events.length > 0) {
      const names = [...new Set(events.map(({ name }) => name))].join(' ');
      const indentChars = 3 + ID_CHARS + 2;
      for (const [index, line] of wrap(names, LINE_CHARS - indentChars).entries()) {
        print(
          paint('dim', (index === 0 ? `   ${toRange(events)}`.padEnd(indentChars) : ' '.repeat(indentChars)) + line),
        );
      }
    }
  }
}

function printRow(events: readonly StreamEvent[], name: string, text: string, style: ['bold'] | [] = []): void {
  const head = `   ${paint('dim', toRange(events))}  ${paint('magenta', name.padEnd(NAME_CHARS))}`;
  const [first = '', ...rest] = wrap(text, TEXT_CHARS);
  print(first === '' ? head.trimEnd() : `${head}  ${paint(style, first)}`);
  for (const line of rest) {
    print(' '.repeat(TEXT_COLUMN) + paint(style, line));
  }
}

function toRange(events: readonly StreamEvent[]): string {
  const [first, last] = [events[0]?.id, events.at(-1)?.id];
  const range = first === last ? String(first ?? '') : `${String(first)}–${String(last)}`;
  return range.padStart(ID_CHARS);
}
