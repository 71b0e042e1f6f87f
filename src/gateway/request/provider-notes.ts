import { type SharedV4ProviderMetadata } from '@ai-sdk/provider';
import { type ProviderWire } from '../../core/engine/model-provider.js';
import { findText, isFields, parseObject } from './fields.js';

/**
 * What a provider wants back with the next request beside the words: signatures of thoughts and of calls. The
 * Responses wire has one place for something opaque, the `encrypted_content` of a reasoning item, which the engine
 * keeps with the thread and sends back as it is.
 */
export interface ProviderNotes {
  wire: ProviderWire;
  /** Of the reasoning in the same item. */
  reasoning?: SharedV4ProviderMetadata;
  /** Of the message and calls that came with it; calls by their id. */
  calls?: Readonly<Record<string, SharedV4ProviderMetadata>>;
}

const PREFIX = 'cwg1:';

export const packNotes = (notes: ProviderNotes): string =>
  PREFIX + Buffer.from(JSON.stringify(notes)).toString('base64');

/** `undefined` for what another provider, or the Responses API itself, has written. */
export function unpackNotes(content: unknown, wire: ProviderWire): ProviderNotes | undefined {
  const text = findText(content);
  if (text?.startsWith(PREFIX) !== true) {
    return undefined;
  }
  const notes = parseObject(Buffer.from(text.slice(PREFIX.length), 'base64').toString());
  return notes?.wire === wire && isNotes(notes) ? notes : undefined;
}

const isNotes = (notes: object): notes is ProviderNotes =>
  (!('reasoning' in notes) || isFields(notes.reasoning)) && (!('calls' in notes) || isFields(notes.calls));
