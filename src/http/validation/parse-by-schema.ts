import { type core, type ZodType } from 'zod';
import { type FieldError, type ServiceError } from '../../core/errors.js';
import { toInvalidRequest, toUnknownField } from './invalid-request.js';

type Issue = core.$ZodIssue;

/** What the schema makes of the value. Throws `invalid_request` with a field error for each fault. */
export function parseBySchema<T>(schema: ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  throw toSchemaFault(result.error.issues);
}

/** What a schema found wrong with a request. */
export function toSchemaFault(issues: readonly Issue[]): ServiceError {
  return toInvalidRequest(toFieldErrors(issues));
}

function toFieldErrors(issues: readonly Issue[], parent: readonly PropertyKey[] = []): FieldError[] {
  return issues.flatMap((issue): FieldError[] => {
    const path = [...parent, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => toUnknownField(toPath([...path, key])));
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      return toFieldErrors(nearest(issue.errors), path);
    }
    return [{ path: toPath(path), message: toMessage(issue) }];
  });
}

/** Of the alternatives of a union, the one that the value came nearest to: its first fault lies deepest. */
function nearest(alternatives: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (issues: readonly Issue[]): number => Math.max(0, ...issues.map(({ path }) => path.length));
  const [first = [], ...others] = alternatives;
  return others.reduce((best, issues) => (depth(issues) > depth(best) ? issues : best), first);
}

/** `['input', 0, 'text']` → `input[0].text`. */
function toPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') {
      return `${text}[${String(key)}]`;
    }
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** `Invalid input: expected string, received number` → `expected string, received number`. */
function toMessage(issue: Issue): string {
  const { code, message } = issue;
  if (code === 'invalid_type' && message.endsWith('received undefined')) {
    return `is missing; it must be ${toNoun(issue.expected)}`;
  }
  const kinds =
    code === 'invalid_union' ? /^Invalid discriminator value\. Expected ('.*)$/.exec(message)?.[1] : undefined;
  if (kinds !== undefined) {
    return `must be one of ${kinds.replaceAll(' | ', ', ').replaceAll("'", '')}`;
  }
  if (code === 'too_small' && issue.origin === 'array' && issue.minimum === 1) {
    return 'must not be empty';
  }
  const text = message.replace(/^Invalid (?:input|option): /, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function toNoun(type: string): string {
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
