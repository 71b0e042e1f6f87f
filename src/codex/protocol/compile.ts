import { type ObjectShape, type Shape } from './shape.js';
import { camelKey, snakeKey, snakeValue } from './snake-key.js';

/** Returns the translated value; never changes its argument, and shares with it what needs no translation. */
export type Translate = (value: unknown) => unknown;

/** A direction of translation: how it reads the engine's names of a shape, and names that no shape has. */
export interface Direction {
  readonly key: (engineKey: string) => { from: string; to: string };
  readonly value: (engineValue: string) => { from: string; to: string };
  readonly unknownKey: (name: string) => string;
  readonly unknownValue: (value: string) => string;
}

type JsonObject = Record<string, unknown>;
type TranslateObject = (value: JsonObject) => JsonObject;
/** The translator of a definition, found when first used, so that definitions may refer to themselves. */
type Resolve = (definition: string) => Translate;

interface Field {
  readonly key: string;
  readonly translate: Translate | null;
}

/** Names come from outside, so what is remembered of them is bounded. */
const MAX_REMEMBERED_NAMES = 4096;

export const TO_SNAKE: Direction = {
  key: (name) => ({ from: name, to: snakeKey(name) }),
  value: (name) => ({ from: name, to: snakeValue(name) }),
  unknownKey: remembered(snakeKey),
  unknownValue: remembered(snakeValue),
};

export const TO_CAMEL: Direction = {
  key: (name) => ({ from: snakeKey(name), to: name }),
  value: (name) => ({ from: snakeValue(name), to: name }),
  unknownKey: remembered(camelKey),
  unknownValue: remembered(camelKey),
};

/** `null` stands for "as it is", which saves the call on the hot path. */
export function compile(shape: Shape, direction: Direction, resolve: Resolve): Translate | null {
  if (shape === 0) {
    return null;
  }
  if (typeof shape === 'string') {
    return compileReference(shape, resolve);
  }
  const onText = shape.values === undefined ? null : compileValues(shape.values, direction);
  const onItem = shape.items === undefined ? null : compile(shape.items, direction, resolve);
  const onObject = compileObjectPart(shape, direction, resolve);
  return (value) => {
    if (typeof value === 'string') {
      return onText === null ? value : onText(value);
    }
    if (Array.isArray(value)) {
      return onItem === null ? (value as unknown) : value.map((item: unknown) => onItem(item));
    }
    return onObject === null || typeof value !== 'object' || value === null ? value : onObject(value as JsonObject);
  };
}

function compileReference(definition: string, resolve: Resolve): Translate {
  let translate: Translate | undefined;
  return (value) => (translate ??= resolve(definition))(value);
}

function compileValues(values: readonly string[], direction: Direction): (value: string) => string {
  const known = new Map(values.map((name) => [direction.value(name).from, direction.value(name).to]));
  return (value) => known.get(value) ?? direction.unknownValue(value);
}

function compileObjectPart(
  shape: Exclude<Shape, 0 | string>,
  direction: Direction,
  resolve: Resolve,
): TranslateObject | null {
  if (shape.object !== undefined) {
    return compileObject(shape.object, direction, resolve);
  }
  const onEntry = shape.map === undefined ? null : compile(shape.map, direction, resolve);
  return onEntry === null ? null : (value) => translateMap(value, onEntry);
}

function compileObject(shape: ObjectShape, direction: Direction, resolve: Resolve): TranslateObject {
  const fields = compileFields(shape, direction, resolve);
  const unknownKey = shape.open === true ? null : direction.unknownKey;
  if (shape.by === undefined || shape.variants === undefined) {
    return (value) => translateFields(value, fields, unknownKey);
  }
  const selector = direction.key(shape.by).from;
  const known = new Map(
    Object.entries(shape.variants).map(([name, variant]) => [
      direction.value(name).from,
      compileObject(variant, direction, resolve),
    ]),
  );
  return (value) => {
    const variant = known.get(value[selector] as string);
    return variant === undefined ? translateFields(value, fields, unknownKey) : variant(value);
  };
}

function compileFields(shape: ObjectShape, direction: Direction, resolve: Resolve): Map<string, Field> {
  const fields = new Map<string, Field>();
  for (const [name, child] of Object.entries(shape.fields)) {
    const { from, to } = direction.key(name);
    fields.set(from, { key: to, translate: compile(child, direction, resolve) });
  }
  return fields;
}

function translateFields(
  value: JsonObject,
  fields: Map<string, Field>,
  unknownKey: ((name: string) => string) | null,
): JsonObject {
  const translated: JsonObject = {};
  for (const name in value) {
    const field = fields.get(name);
    if (field === undefined) {
      setOwn(translated, unknownKey === null ? name : unknownKey(name), value[name]);
    } else {
      translated[field.key] = field.translate === null ? value[name] : field.translate(value[name]);
    }
  }
  return translated;
}

function translateMap(value: JsonObject, onEntry: Translate): JsonObject {
  const translated: JsonObject = {};
  for (const name in value) {
    setOwn(translated, name, onEntry(value[name]));
  }
  return translated;
}

/** JSON.parse makes `__proto__` an own property; a plain assignment would set the prototype instead. */
function setOwn(target: JsonObject, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[name] = value;
  }
}

function remembered(rule: (name: string) => string): (name: string) => string {
  const names = new Map<string, string>();
  return (name) => {
    const found = names.get(name);
    if (found !== undefined) {
      return found;
    }
    const made = rule(name);
    if (names.size < MAX_REMEMBERED_NAMES) {
      names.set(name, made);
    }
    return made;
  };
}
