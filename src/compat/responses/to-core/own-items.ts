import { type IgnoredType, type InputItem, isIgnoredItem, type TypedItem } from '../schema/items.js';
import { type CreateResponse } from '../schema/create-response.js';
import { type Item } from '../store/response-record.js';
import { newId } from './response-head.js';
import { invalid } from './check-create.js';

/** An item of the request with its place in it, for errors. */
export interface GivenItem {
  item: Exclude<TypedItem, LeftOut | { type: 'item_reference' }>;
  path: string;
}

/** Not a part of the conversation. */
type LeftOut = Extract<TypedItem, { type: IgnoredType | 'additional_tools' }>;

/** Finds an item of a stored response of the same caller. */
export type FindItem = (id: string) => Item | undefined;

/** The items of a request, each with what it refers to put in its place, and Codex's own ones left out. */
export function toGivenItems(input: CreateResponse['input'], findItem: FindItem): GivenItem[] {
  if (input === undefined || input === null) {
    return [];
  }
  if (typeof input === 'string') {
    return [{ item: { type: 'message', role: 'user', content: input }, path: 'input' }];
  }
  return input.flatMap((item, index): GivenItem[] => {
    const path = `input[${String(index)}]`;
    if (isCodexItem(item) || isLeftOut(item)) {
      return [];
    }
    return item.type === 'item_reference' ? toReferred(item.id, path, findItem) : [{ item, path }];
  });
}

function isCodexItem(item: InputItem): item is Exclude<InputItem, TypedItem> {
  return item.type.startsWith('codex:');
}

function isLeftOut(item: TypedItem): item is LeftOut {
  return item.type === 'additional_tools' || isIgnoredItem(item.type);
}

function toReferred(id: string, path: string, findItem: FindItem): GivenItem[] {
  const found = findItem(id);
  if (!found) {
    throw invalid(`Item with id '${id}' not found.`, 'item_not_found', `${path}.id`);
  }
  return found.type.startsWith('codex:') ? [] : [{ item: found as unknown as GivenItem['item'], path }];
}

const PREFIXES = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
  local_shell_call: 'lsh',
  local_shell_call_output: 'lsho',
  reasoning: 'rs',
  compaction: 'cmp',
} as const;

/** The form in which a request's items are kept, and listed as its input items: with ids, and with content in parts. */
export function toOwnItems(given: readonly GivenItem[]): Item[] {
  return given.map(({ item }): Item => {
    const own = { ...item, id: item.id ?? newId(PREFIXES[item.type]), status: 'completed' };
    if (own.type !== 'message') {
      return own;
    }
    const textType = own.role === 'assistant' ? 'output_text' : 'input_text';
    return {
      ...own,
      content: typeof own.content === 'string' ? [toTextPart(textType, own.content)] : own.content,
    };
  });
}

function toTextPart(type: 'input_text' | 'output_text', text: string): Readonly<Record<string, unknown>> {
  return type === 'output_text' ? { type, text, annotations: [] } : { type, text };
}
