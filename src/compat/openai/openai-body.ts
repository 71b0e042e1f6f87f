import { type PipeTransform } from '@nestjs/common';
import { type core, type ZodType } from 'zod';
import { shorten } from '../../core/text/clip.js';
import { OpenAiFault } from './errors.js';

type Issue = core.$ZodIssue;

const MAX_QUOTE_CHARS = 100;

/** Parameters of the Chat Completions API → what they are called in the Responses API. */
const CALLED_THERE: ReadonlyMap<string, string> = new Map([
  ['messages', 'input'],
  ['max_tokens', 'max_output_tokens'],
  ['max_completion_tokens', 'max_output_tokens'],
  ['response_format', 'text.format'],
  ['functions', 'tools'],
]);

/** Checks a body against a schema and refuses it in OpenAI's own words, of which its SDKs read `code` and `param`. */
export class OpenAiBody<T> implements PipeTransform<unknown, T> {
  constructor(private readonly schema: ZodType<T>) {}

  transform(value: unknown): T {
    return parseOpenAi(this.schema, value);
  }
}

/** Throws an `OpenAiFault` for the first thing that is wrong. */
export function parseOpenAi<T>(schema: ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) {
    return result.data;
  }
  throw toOpenAiFault(result.error.issues);
}

/** The first thing that a schema found wrong with a request. */
export function toOpenAiFault(issues: readonly Issue[]): OpenAiFault {
  const { message, code: openAiCode, param } = toFault(issues);
  return new OpenAiFault('invalid_request', message, { openAiCode, param });
}

interface Fault {
  message: string;
  code: string;
  param: string;
}

function toFault(issues: readonly Issue[], parent: readonly PropertyKey[] = []): Fault {
  const [issue] = issues;
  if (!issue) {
    return { message: 'The request is not valid.', code: 'invalid_value', param: toParam(parent) };
  }
  const path = [...parent, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const types = toTypes(issue.errors);
    return types === undefined ? toFault(nearest(issue.errors), path) : toTypesFault(types, issue.input, toParam(path));
  }
  if (issue.code === 'unrecognized_keys') {
    const param = toParam([...path, issue.keys[0] ?? '']);
    const likely = path.length === 0 ? CALLED_THERE.get(param) : undefined;
    const hint = likely === undefined ? '' : ` Did you mean '${likely}'?`;
    return { message: `Unknown parameter: '${param}'.${hint}`, code: 'unknown_parameter', param };
  }
  return toFieldFault(issue, toParam(path));
}

/** What a value may be, where each alternative wants another type. */
function toTypes(alternatives: readonly (readonly Issue[])[]): string[] | undefined {
  const types = alternatives.map(([issue]) =>
    issue?.code === 'invalid_type' && issue.path.length === 0 ? issue.expected : undefined,
  );
  return types.every((type) => type !== undefined) ? types : undefined;
}

function toTypesFault(types: readonly string[], input: unknown, param: string): Fault {
  if (input === undefined) {
    return { message: `Missing required parameter: '${param}'.`, code: 'missing_required_parameter', param };
  }
  const expected = types.map(toNoun).join(' or ');
  const message = `Invalid type for '${param}': expected ${expected}, but got ${toNoun(typeOf(input))} instead.`;
  return { message, code: 'invalid_type', param };
}

function toFieldFault(issue: Issue, param: string): Fault {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'null' && input !== undefined
        ? { message: `Invalid '${param}': ${toClause(issue.message)}.`, code: 'invalid_type', param }
        : toTypesFault([issue.expected], input, param);
    case 'invalid_value':
      return input === undefined && issue.message.startsWith('Invalid')
        ? { message: `Missing required parameter: '${param}'.`, code: 'missing_required_parameter', param }
        : { message: toValueMessage(issue, param), code: 'invalid_value', param };
    case 'invalid_union':
      return { message: toKindMessage(issue.message, param), code: 'invalid_value', param };
    case 'too_big':
    case 'too_small':
      return { message: `Invalid '${param}': ${toClause(issue.message)}.`, code: toBoundCode(issue), param };
    default:
      return { message: `Invalid '${param}': ${toClause(issue.message)}.`, code: 'invalid_value', param };
  }
}

function toValueMessage(issue: Extract<Issue, { code: 'invalid_value' }>, param: string): string {
  if (!issue.message.startsWith('Invalid')) {
    return `Invalid '${param}': ${toClause(issue.message)}.`;
  }
  const values = issue.values.map((value) => `'${String(value)}'`).join(', ');
  return `Invalid value: ${quote(issue.input)}. Supported values are: ${values}.`;
}

/** zod names the kinds that there are: `Expected 'a' | 'b'`. */
function toKindMessage(message: string, param: string): string {
  const kinds = /Expected ('.*)$/.exec(message)?.[1]?.replaceAll(' | ', ', ');
  return `Invalid value for '${param}'. Supported values are: ${kinds ?? 'others'}.`;
}

function toBoundCode({ code, origin, input }: Extract<Issue, { code: 'too_big' | 'too_small' }>): string {
  const side = code === 'too_big' ? 'above_max' : 'below_min';
  switch (origin) {
    case 'string':
      return `string_${side}_length`;
    case 'array':
      return `array_${side}_length`;
    default:
      return `${Number.isInteger(input) ? 'integer' : 'decimal'}_${side}_value`;
  }
}

/** Of the alternatives of a union, the one that the value came nearest to: its first fault lies deepest. */
function nearest(alternatives: readonly (readonly Issue[])[]): readonly Issue[] {
  const [first = [], ...others] = alternatives;
  return others.reduce((best, issues) => (depthOf(issues) > depthOf(best) ? issues : best), first);
}

function depthOf([issue]: readonly Issue[]): number {
  return issue ? issue.path.length + depthWithin(issue) : 0;
}

/** What only says that the value is of another kind counts for less than a fault within one of the kinds. */
function depthWithin(issue: Issue): number {
  if (issue.code === 'invalid_union') {
    return issue.errors.length === 0 ? -0.5 : Math.max(...issue.errors.map(depthOf));
  }
  const isOtherKind = issue.code === 'invalid_type' && issue.expected === 'undefined';
  return isOtherKind || issue.code === 'invalid_format' ? -1 : 0;
}

/** `['input', 0, 'text']` → `input[0].text`. */
export function toParam(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') {
      return `${text}[${String(key)}]`;
    }
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

function typeOf(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'array';
  }
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function toNoun(type: string): string {
  const word = type === 'record' ? 'object' : type;
  if (word === 'null') {
    return word;
  }
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}

function quote(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
  return shorten(text, MAX_QUOTE_CHARS);
}

function toClause(message: string): string {
  const text = message.replace(/^Invalid (?:input|option): /, '').replace(/\.$/, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}
