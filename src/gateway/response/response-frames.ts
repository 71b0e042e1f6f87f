import { randomUUID } from 'node:crypto';
import { toWellFormedJson } from '../../core/text/well-formed-json.js';

export type OutputItem = Record<string, unknown> & { id: string };

/** An id as the Responses API makes them. */
export const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '')}`;

/** Writes the server-sent events of one response; each has its type as its name, and a number in the sequence. */
export class ResponseFrames {
  #sequence = 0;

  /** One event as text. */
  event(type: string, fields: Readonly<Record<string, unknown>>): string {
    return `event: ${type}\ndata: ${toWellFormedJson({ type, sequence_number: this.#sequence++, ...fields })}\n\n`;
  }

  /** The same for the many deltas of one position, of which only the text differs. */
  deltas(type: string, position: Readonly<Record<string, unknown>>): (delta: string) => string {
    const head = `event: ${type}\ndata: {"type":"${type}",${toWellFormedJson(position).slice(1, -1)},"sequence_number":`;
    return (delta) => `${head}${String(this.#sequence++)},"delta":${toWellFormedJson(delta)}}\n\n`;
  }
}
