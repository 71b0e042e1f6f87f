import { Header } from '@nestjs/common';

declare const OF: unique symbol;

/** Text that is the JSON of a `T`: what is cached as text is not parsed to be written again. Made by the functions here only. */
export type Json<T> = string & { readonly [OF]: T };

/** The same in UTF-8. */
export type JsonBytes<T> = Buffer & { readonly [OF]: T };

type JsonAnswer = Json<unknown> | JsonBytes<unknown>;

type JsonTextDecorator = <Method extends (...args: never[]) => JsonAnswer | Promise<JsonAnswer>>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/** For a method that returns `Json` of the DTO that it is documented with. */
export const JsonText = (): JsonTextDecorator => Header('Content-Type', 'application/json; charset=utf-8');

export const toJson = <T>(value: T): Json<T> => JSON.stringify(value) as Json<T>;

/** For text that was stored as JSON: nobody looks at it again. */
export const storedJson = <T>(text: string): Json<T> => text as Json<T>;

export const toJsonBytes = <T>(json: Json<T>): JsonBytes<T> => Buffer.from(json) as Buffer as JsonBytes<T>;

export const toJsonArray = <T>(items: readonly Json<T>[]): Json<T[]> => `[${items.join(',')}]` as Json<T[]>;

/** An object with `fields` behind its own, none of which may have the name of one of them. Names need no escapes in JSON. */
export function withFields<T extends object, Fields extends object>(
  object: Json<T>,
  fields: { readonly [Name in keyof Fields]: Json<Fields[Name]> },
): Json<T & Fields> {
  let text = object.slice(0, -1);
  for (const [name, json] of Object.entries<string>(fields)) {
    text += `${text === '{' ? '' : ','}"${name}":${json}`;
  }
  return `${text}}` as Json<T & Fields>;
}

/** A page of items that are JSON already. */
export function toJsonPage<T>(
  items: readonly Json<T>[],
  nextCursor: string | null,
): Json<{ data: T[]; next_cursor: string | null }> {
  return withFields(toJson({}), { data: toJsonArray(items), next_cursor: toJson(nextCursor) });
}
