/** A JSON object whose fields are yet to be looked at. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object without fields for what is none. */
export const toFields = (value: unknown): Fields => (isFields(value) ? value : {});

/** The objects of a list; nothing for what is no list. */
export const toList = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);

export const toText = (value: unknown): string => (typeof value === 'string' ? value : '');

export const findText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export const findNumber = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** The object that a text stands for; `undefined` for any other text. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
