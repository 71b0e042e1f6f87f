import { type SharedV4ProviderMetadata } from '@ai-sdk/provider';
import { type ProviderWire } from '../../core/engine/model-provider.js';
import { packNotes, type ProviderNotes } from '../request/provider-notes.js';
import { type ToolKind } from '../request/tool-registry.js';
import { newId, type OutputItem, type ResponseFrames } from './response-frames.js';

/** An item of the output while it comes in. Each call answers with the events to send. */
export interface OpenItem {
  append: (delta: string) => string;
  /** The events that close it, and the item as it is then. */
  close: () => { frames: string; item: OutputItem };
}

export interface ItemPosition {
  frames: ResponseFrames;
  outputIndex: number;
}

const added = ({ frames, outputIndex }: ItemPosition, item: OutputItem): string =>
  frames.event('response.output_item.added', { output_index: outputIndex, item });

const done = ({ frames, outputIndex }: ItemPosition, item: OutputItem): string =>
  frames.event('response.output_item.done', { output_index: outputIndex, item });

export interface Opened {
  item: OpenItem;
  frames: string;
}

export function openMessage(position: ItemPosition): Opened {
  const { frames, outputIndex } = position;
  const id = newId('msg');
  const at = { item_id: id, output_index: outputIndex, content_index: 0 };
  const toDelta = frames.deltas('response.output_text.delta', at);
  const base = { id, type: 'message', role: 'assistant' };
  const toPart = (text: string): object => ({ type: 'output_text', text, annotations: [], logprobs: [] });
  let text = '';
  return {
    frames:
      added(position, { ...base, status: 'in_progress', content: [] }) +
      frames.event('response.content_part.added', { ...at, part: toPart('') }),
    item: {
      append: (delta) => {
        text += delta;
        return toDelta(delta);
      },
      close: () => {
        const item = { ...base, status: 'completed', content: [toPart(text)] };
        const closing =
          frames.event('response.output_text.done', { ...at, text }) +
          frames.event('response.content_part.done', { ...at, part: toPart(text) });
        return { frames: closing + done(position, item), item };
      },
    },
  };
}

/** How thoughts are told: as they are, or as the summary that some providers make of them. */
interface ThoughtWords {
  content: 'content' | 'summary';
  part: 'reasoning_text' | 'summary_text';
  prefix: 'response.reasoning_text' | 'response.reasoning_summary_text';
  index: 'content_index' | 'summary_index';
}

const AS_THEY_ARE: ThoughtWords = {
  content: 'content',
  part: 'reasoning_text',
  prefix: 'response.reasoning_text',
  index: 'content_index',
};
const AS_SUMMARY: ThoughtWords = {
  content: 'summary',
  part: 'summary_text',
  prefix: 'response.reasoning_summary_text',
  index: 'summary_index',
};

const THOUGHT_WORDS: Readonly<Record<ProviderWire, ThoughtWords>> = {
  chat: AS_THEY_ARE,
  deepseek: AS_THEY_ARE,
  anthropic: AS_SUMMARY,
  gemini: AS_SUMMARY,
};

export interface OpenReasoning extends OpenItem {
  /** Keeps what the provider wants back with the thoughts. */
  note: (metadata: SharedV4ProviderMetadata | undefined) => void;
}

export function openReasoning(position: ItemPosition, wire: ProviderWire): { item: OpenReasoning; frames: string } {
  const { frames, outputIndex } = position;
  const words = THOUGHT_WORDS[wire];
  const id = newId('rs');
  const at = { item_id: id, output_index: outputIndex, [words.index]: 0 };
  const toDelta = frames.deltas(`${words.prefix}.delta`, at);
  let text = '';
  let notes: ProviderNotes = { wire };
  const isSummary = words.content === 'summary';
  const part = (value: string): object => ({ type: words.part, text: value });
  const partAdded = (): string =>
    isSummary ? frames.event('response.reasoning_summary_part.added', { ...at, part: part('') }) : '';
  return {
    frames: added(position, { id, type: 'reasoning', summary: [] }) + partAdded(),
    item: {
      append: (delta) => {
        text += delta;
        return toDelta(delta);
      },
      note: (metadata) => {
        if (metadata) {
          notes = { ...notes, reasoning: { ...notes.reasoning, ...metadata } };
        }
      },
      close: () => {
        const parts = text === '' ? [] : [part(text)];
        const item = {
          id,
          type: 'reasoning',
          summary: [],
          [words.content]: parts,
          encrypted_content: packNotes(notes),
        };
        const told = frames.event(`${words.prefix}.done`, { ...at, text });
        const partDone = isSummary
          ? frames.event('response.reasoning_summary_part.done', { ...at, part: part(text) })
          : '';
        return { frames: told + partDone + done(position, item), item };
      },
    },
  };
}

export interface CallHead {
  callId: string;
  kind: ToolKind;
  name: string;
  namespace: string | undefined;
}

/** A call of a function, whose arguments come in piece by piece. */
export function openFunctionCall(position: ItemPosition, { callId, name, namespace }: CallHead): Opened {
  const { frames, outputIndex } = position;
  const id = newId('fc');
  const at = { item_id: id, output_index: outputIndex };
  const toDelta = frames.deltas('response.function_call_arguments.delta', at);
  const base = { id, type: 'function_call', call_id: callId, name, ...(namespace === undefined ? {} : { namespace }) };
  let text = '';
  return {
    frames: added(position, { ...base, status: 'in_progress', arguments: '' }),
    item: {
      append: (delta) => {
        text += delta;
        return toDelta(delta);
      },
      close: () => {
        // Some servers send nothing for a call without arguments, which the engine can't read.
        const item = { ...base, status: 'completed', arguments: text.trim() === '' ? '{}' : text };
        const told = frames.event('response.function_call_arguments.done', { ...at, arguments: item.arguments });
        return { frames: told + done(position, item), item };
      },
    },
  };
}

/** A call whose input is told as a whole: freeform tools and tool searches. */
export function toWholeCall(
  position: ItemPosition,
  { callId, kind, name, namespace }: CallHead,
  input: { text: string; fields: object },
): { frames: string; item: OutputItem } {
  const { frames, outputIndex } = position;
  if (kind === 'search') {
    const base = { id: newId('tsc'), type: 'tool_search_call', call_id: callId, execution: 'client' };
    const item = { ...base, status: 'completed', arguments: input.fields };
    return { frames: added(position, { ...item, status: 'in_progress' }) + done(position, item), item };
  }
  const id = newId('ctc');
  const at = { item_id: id, output_index: outputIndex };
  const base = {
    id,
    type: 'custom_tool_call',
    call_id: callId,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
  const item = { ...base, status: 'completed', input: input.text };
  const told =
    frames.event('response.custom_tool_call_input.delta', { ...at, delta: input.text }) +
    frames.event('response.custom_tool_call_input.done', { ...at, input: input.text });
  return { frames: added(position, { ...base, status: 'in_progress', input: '' }) + told + done(position, item), item };
}
