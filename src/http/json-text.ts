import { Header } from '@nestjs/common';

/** For a handler that returns JSON as text already: what is cached as text is not parsed to be written again. */
export function JsonText(): MethodDecorator {
  return Header('Content-Type', 'application/json; charset=utf-8');
}

/** A page of items that are JSON texts already. */
export function toPageText(items: readonly string[], nextCursor: string | null): string {
  return `{"data":[${items.join(',')}],"next_cursor":${JSON.stringify(nextCursor)}}`;
}
