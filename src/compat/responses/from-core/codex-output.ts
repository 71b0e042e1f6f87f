import { type Payload } from '../../../core/engine/engine.js';
import { type TurnEvent } from '../../../core/turns/turn-event.js';
import { type Item } from '../store/response-record.js';
import { type OutputItems, toText } from './output-items.js';
import { type EventWriter } from './stream-event.js';

const STATUSES: Readonly<Record<string, string>> = {
  in_progress: 'in_progress',
  completed: 'completed',
  failed: 'incomplete',
  declined: 'incomplete',
};

/** What is told in the standard's own words, or is of no use to a caller. */
const NOT_TOLD =
  /^(?:raw|thread\/|account\/|turn\/(?:started|completed|queued|cancelled)$|item\/(?:agentMessage|reasoning)\/)/;

/** Keys of the event's envelope, which names what belongs to the native API. */
const ENVELOPE: ReadonlySet<string> = new Set(['event', 'seq', 'emitted_at', 'type', 'sequence_number']);

/** Codex's own work as `codex:*` items and events, for callers that asked for them. */
export class CodexOutput {
  readonly #latest = new Map<string, Payload>();

  constructor(
    private readonly items: OutputItems,
    private readonly writer: EventWriter,
  ) {}

  item(item: Payload, isCompleted: boolean): void {
    const id = toText(item.id);
    this.#latest.set(id, item);
    if (!this.items.isOpen(id)) {
      this.items.add(id, toItem(item, 'in_progress'), (status) => toItem(this.#latest.get(id) ?? item, status));
    }
    if (isCompleted) {
      this.items.done(id, STATUSES[toText(item.status)] === 'incomplete' ? 'incomplete' : 'completed');
    }
  }

  event({ name, payload }: TurnEvent): void {
    if (!NOT_TOLD.test(name)) {
      const fields = Object.fromEntries(Object.entries(payload).filter(([key]) => !ENVELOPE.has(key)));
      this.writer.write(`codex:${name}`, fields);
    }
  }
}

/** The engine's own status, which has more words than the standard, is kept beside. */
function toItem(item: Payload, status: string): Item {
  const { type, status: codexStatus, ...fields } = item;
  return {
    ...fields,
    type: `codex:${toText(type)}`,
    status,
    ...(codexStatus === undefined ? {} : { codex_status: codexStatus }),
  };
}
