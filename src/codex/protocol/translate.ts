import { readFileSync } from 'node:fs';
import { compile, type Direction, TO_CAMEL, TO_SNAKE, type Translate } from './compile.js';
import { type Shape } from './shape.js';

/**
 * Translation between the engine's camelCase wire and the native surface's snake_case, by key maps that are
 * generated from the engine's own JSON Schema. Typed keys and typed camelCase enum values are renamed; free-form
 * data (tool arguments, JSON schemas, env maps, config, metadata) is passed through by reference. A field that the
 * schema does not know, a newer engine's, is renamed by rule and its value left as it is.
 */
const { shapes } = JSON.parse(readFileSync(new URL('./generated/shapes.json', import.meta.url), 'utf8')) as {
  shapes: Record<string, Shape>;
};

const knownShapes = new Map(Object.entries(shapes));
const toSnakeByDefinition = new Map<string, Translate>();
const toCamelByDefinition = new Map<string, Translate>();

/** An engine value of this definition → ours. Throws RangeError for a definition that the engine does not have. */
export function toSnake(definition: string, value: unknown): unknown {
  return snakeTranslator(definition)(value);
}

/** Our value of this definition → the engine's. Throws RangeError for a definition that the engine does not have. */
export function toCamel(definition: string, value: unknown): unknown {
  return camelTranslator(definition)(value);
}

/** `toSnake` with its definition looked up beforehand. */
export function snakeTranslator(definition: string): Translate {
  return translator(definition, TO_SNAKE, toSnakeByDefinition);
}

/** `toCamel` with its definition looked up beforehand. */
export function camelTranslator(definition: string): Translate {
  return translator(definition, TO_CAMEL, toCamelByDefinition);
}

/** Whether the engine has a definition of this name, so that translating by it can't throw. */
export function hasDefinition(definition: string): boolean {
  return knownShapes.has(definition);
}

function translator(definition: string, direction: Direction, compiled: Map<string, Translate>): Translate {
  const known = compiled.get(definition);
  if (known !== undefined) {
    return known;
  }
  const shape = knownShapes.get(definition);
  if (shape === undefined) {
    throw new RangeError(`The engine's protocol has no definition named ${JSON.stringify(definition)}.`);
  }
  const made =
    compile(shape, direction, (name) => translator(name, direction, compiled)) ?? ((value: unknown) => value);
  compiled.set(definition, made);
  return made;
}
