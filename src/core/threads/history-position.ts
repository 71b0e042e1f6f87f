import { ServiceError } from '../errors.js';

/** A position between two turns of a history that is read from the engine. */
export interface HistoryPosition {
  /** The engine's cursor of the page; `null` for the first one. */
  page: string | null;
  /** The last turn before the position, where it is in this page. */
  engineTurnId: string | null;
  /** The last turn before the position which the engine does not have. */
  ownTurnId: string | null;
  /** How many items of the turn after the position are before it. */
  items: number;
}

export const START: HistoryPosition = { page: null, engineTurnId: null, ownTurnId: null, items: 0 };

/** The cursor of a list: opaque, and good for this list only. */
export function toPositionCursor(list: string, { page, engineTurnId, ownTurnId, items }: HistoryPosition): string {
  return Buffer.from(JSON.stringify([list, page, engineTurnId, ownTurnId, items])).toString('base64url');
}

/** Throws `invalid_request` for a cursor that this list did not give. */
export function parsePositionCursor(text: string, list: string): HistoryPosition {
  const [name, page, engineTurnId, ownTurnId, items] = toValues(text);
  const isWhole = [page, engineTurnId, ownTurnId].every((value) => value === null || typeof value === 'string');
  if (name !== list || !isWhole || !Number.isSafeInteger(items) || (items as number) < 0) {
    throw invalidCursor();
  }
  return { page, engineTurnId, ownTurnId, items } as HistoryPosition;
}

export function invalidCursor(cause?: unknown): ServiceError {
  return new ServiceError('invalid_request', 'The cursor is not one that this list gave.', {
    cause,
    fields: [{ path: '?cursor', message: 'Leave it out, or pass the next_cursor of the page before, unchanged.' }],
  });
}

function toValues(text: string): unknown[] {
  try {
    const bytes = Buffer.from(text, 'base64url');
    const values: unknown = JSON.parse(bytes.toString());
    return Array.isArray(values) && bytes.toString('base64url') === text ? values : [];
  } catch {
    return [];
  }
}
