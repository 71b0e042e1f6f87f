import { type EventBatch, type StoredEvent } from '../../core/events/event.js';

/** Bytes for a stream: whole frames. Every subscriber is given the same object, and nobody changes it. */
export interface SseChunk {
  readonly bytes: Buffer;
  /** The id of the last event within, to say where to resume; `null` when it has none. */
  readonly lastId: string | null;
}

/** Whose numbers are the ids, and whether frames have an `event:` line (an `onmessage` sees only those without). */
export type FrameForm = 'thread' | 'thread-unnamed' | 'global' | 'global-unnamed';

const formatted = new WeakMap<EventBatch, Partial<Record<FrameForm, SseChunk>>>();

/** All frames of a batch in one buffer, made once for each form however many subscribers there are. */
export function toChunk(batch: EventBatch, form: FrameForm): SseChunk {
  const known = formatted.get(batch) ?? {};
  const chunk = known[form];
  if (chunk) {
    return chunk;
  }
  const made = format(batch, form);
  known[form] = made;
  formatted.set(batch, known);
  return made;
}

/** The bytes of `toChunk`. */
export function formatFrames(batch: EventBatch, form: FrameForm): Buffer {
  return toChunk(batch, form).bytes;
}

/** A frame about the stream itself, without an id, so that it never becomes a `Last-Event-ID`. */
export function formatControl(name: string, data: object, isNamed = true): Buffer {
  const line = isNamed ? `event: ${name}\n` : '';
  return Buffer.from(`${line}data: ${JSON.stringify({ event: name, ...data })}\n\n`);
}

export function toControlChunk(name: string, data: object, form: FrameForm): SseChunk {
  return { bytes: formatControl(name, data, isNamedForm(form)), lastId: null };
}

function isNamedForm(form: FrameForm): boolean {
  return form === 'thread' || form === 'global';
}

function format(batch: EventBatch, form: FrameForm): SseChunk {
  const isNamed = isNamedForm(form);
  const isGlobal = form === 'global' || form === 'global-unnamed';
  const idOf = (event: StoredEvent): number => (isGlobal ? event.globalSeq : event.seq);
  let text = '';
  for (const event of batch) {
    // JSON text has no line break of its own, so one data line always holds it.
    text += `id: ${String(idOf(event))}\n${isNamed ? `event: ${event.name}\n` : ''}data: ${event.data}\n\n`;
  }
  const last = batch.at(-1);
  return { bytes: Buffer.from(text), lastId: last ? String(idOf(last)) : null };
}
