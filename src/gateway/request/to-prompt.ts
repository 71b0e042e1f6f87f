import {
  type LanguageModelV4Prompt,
  type LanguageModelV4ToolResultOutput,
  type SharedV4ProviderMetadata,
} from '@ai-sdk/provider';
import { type ProviderWire } from '../../core/engine/model-provider.js';
import { untranslatable } from '../gateway-error.js';
import { type Fields, findText, parseObject, toFields, toList, toText } from './fields.js';
import { PromptBuilder } from './prompt-builder.js';
import { unpackNotes } from './provider-notes.js';
import { type ContentPart, toContent, toPlainText } from './to-content.js';
import { FREEFORM_PARAMETER } from './to-tools.js';
import { type ToolRegistry, type ToolKind } from './tool-registry.js';
import { type Warn } from './warn.js';

export interface PromptContext {
  wire: ProviderWire;
  book: ToolRegistry;
  warn: Warn;
}

/**
 * The history of a request (`input`) as messages. Refuses what the answer would be wrong without; what only the
 * Responses API could use is left out with a warning.
 */
export function toPrompt(instructions: unknown, input: unknown, context: PromptContext): LanguageModelV4Prompt {
  const items =
    typeof input === 'string' ? [{ type: 'message', role: 'user', content: input } as Fields] : toList(input);
  const translation = new PromptTranslation(items, context);
  if (findText(instructions) !== undefined) {
    translation.builder.addSystem(toText(instructions));
  }
  items.forEach((item, index) => {
    translation.add(item, index);
  });
  return translation.builder.build();
}

class PromptTranslation {
  readonly builder = new PromptBuilder();
  readonly #callNames = new Map<string, string>();
  readonly #callNotes: Map<string, SharedV4ProviderMetadata>;
  readonly #lastUserIndex: number;

  constructor(
    items: readonly Fields[],
    private readonly context: PromptContext,
  ) {
    this.#lastUserIndex = items.findLastIndex(({ role }) => role === 'user');
    this.#callNotes = new Map(
      items.flatMap((item) =>
        item.type === 'reasoning' ? Object.entries(unpackNotes(item.encrypted_content, context.wire)?.calls ?? {}) : [],
      ),
    );
  }

  add(item: Fields, index: number): void {
    switch (item.type ?? 'message') {
      case 'message':
        this.#addMessage(item);
        return;
      case 'reasoning':
        this.#addReasoning(item, index);
        return;
      case 'function_call':
        this.#addCall(item, 'function', parseArguments(toText(item.arguments)));
        return;
      case 'custom_tool_call':
        this.#addCall(item, 'custom', { [FREEFORM_PARAMETER]: toText(item.input) });
        return;
      case 'tool_search_call':
        this.#addCall({ ...item, name: 'tool_search' }, 'search', toFields(item.arguments));
        return;
      default:
        this.#addOther(item);
    }
  }

  #addOther(item: Fields): void {
    switch (item.type) {
      case 'function_call_output':
      case 'custom_tool_call_output':
        this.#addOutput(toText(item.call_id), item.output);
        return;
      case 'tool_search_output':
        this.#addOutput(toText(item.call_id), toSearchText(toList(item.tools)));
        return;
      case 'additional_tools':
        // They are offered with the other tools.
        return;
      case 'item_reference':
      case 'compaction':
      case 'compaction_trigger':
      case 'context_compaction':
        throw untranslatable(`"${toText(item.type)}", which only the provider that has written it can read,`);
      default:
        this.context.warn(`"${toText(item.type)}" in a history is left out: only the Responses API has it.`);
    }
  }

  #addMessage({ role, content }: Fields): void {
    switch (role) {
      case 'system':
      case 'developer':
        this.builder.addSystem(toPlainText(content));
        return;
      case 'assistant':
        if (toPlainText(content) !== '') {
          this.builder.addAssistant({ type: 'text', text: toPlainText(content) });
        }
        return;
      default:
        this.builder.addUser(toContent(content));
    }
  }

  /**
   * Thoughts of earlier turns are left out on the chat wire, where templates drop them and servers may refuse them;
   * the other providers say themselves what they want back.
   */
  #addReasoning(item: Fields, index: number): void {
    const { wire } = this.context;
    const notes = unpackNotes(item.encrypted_content, wire);
    const text = toThoughts(item);
    const isPast = index < this.#lastUserIndex;
    const isWanted = wire === 'chat' ? !isPast && text !== '' : notes?.reasoning !== undefined || text !== '';
    if (isWanted) {
      const providerOptions = notes?.reasoning;
      this.builder.addAssistant({ type: 'reasoning', text, ...(providerOptions && { providerOptions }) });
    }
  }

  #addCall(item: Fields, kind: ToolKind, input: unknown): void {
    const toolCallId = toText(item.call_id);
    const toolName = this.context.book.nameOf({ kind, name: toText(item.name), namespace: findText(item.namespace) });
    const providerOptions = this.#callNotes.get(toolCallId);
    this.#callNames.set(toolCallId, toolName);
    this.builder.addAssistant({
      type: 'tool-call',
      toolCallId,
      toolName,
      input,
      ...(providerOptions && { providerOptions }),
    });
  }

  #addOutput(toolCallId: string, output: unknown): void {
    const toolName = this.#callNames.get(toolCallId);
    if (toolName === undefined) {
      throw untranslatable(`The output of a call ("${toolCallId}") that is not in the history`);
    }
    const { result, shown } = toToolResult(toContent(output), this.context.wire);
    this.builder.addResult({ type: 'tool-result', toolCallId, toolName, output: result }, shown);
  }
}

/** A call that the model has botched goes back as it was. */
const parseArguments = (text: string): unknown =>
  parseObject(text === '' ? '{}' : text) ?? { [FREEFORM_PARAMETER]: text };

const toThoughts = ({ content, summary }: Fields): string =>
  [toList(content), toList(summary)]
    .map((parts) => parts.map(({ text }) => toText(text)).join('\n\n'))
    .find((text) => text !== '') ?? '';

const toSearchText = (tools: readonly Fields[]): string =>
  tools.length === 0
    ? 'No tool was found.'
    : `These tools can be called now: ${tools.map(({ name }) => toText(name)).join(', ')}.`;

interface ToolResult {
  result: LanguageModelV4ToolResultOutput;
  shown: ContentPart[];
}

/** On the chat wire the result of a tool is text: what else there is follows in the user's place. */
function toToolResult(parts: readonly ContentPart[], wire: ProviderWire): ToolResult {
  const files = parts.filter((part) => part.type === 'file');
  const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
  if (files.length === 0) {
    return { result: { type: 'text', value: text }, shown: [] };
  }
  const words = text === '' ? 'The tool has answered with what follows.' : text;
  return wire === 'chat'
    ? {
        result: { type: 'text', value: words },
        shown: [{ type: 'text', text: 'What the tool has answered with:' }, ...files],
      }
    : { result: { type: 'content', value: [{ type: 'text', text: words }, ...files] }, shown: [] };
}
