import { parse } from 'node:querystring';

type QueryValue = string | string[] | undefined;
export type Query = Record<string, QueryValue | Record<string, QueryValue>>;

const MAX_PARAMETERS = 1000;
const NESTED = /^([^[\]]+)\[([^[\]]+)\]$/;

/**
 * `a=1&a=2&m[k]=v` → `{a: ['1', '2'], m: {k: 'v'}}`: one level of brackets, and no deeper, as this API needs no more.
 * A name that would reach a prototype stays a plain text key of an object without one.
 */
export function parseQuery(text: string): Query {
  const query = Object.create(null) as Query;
  if (text === '') {
    return query;
  }
  for (const [name, value] of Object.entries(parse(text, '&', '=', { maxKeys: MAX_PARAMETERS }))) {
    const match = NESTED.exec(name);
    if (match?.[1] === undefined || match[2] === undefined) {
      query[name] = value;
      continue;
    }
    const outer = (query[match[1]] ??= Object.create(null) as Record<string, QueryValue>);
    if (typeof outer === 'object' && !Array.isArray(outer)) {
      outer[match[2]] = value;
    }
  }
  return query;
}
