import { type ObjectShape, type Shape, type ShapeNode } from '../../src/codex/protocol/shape.ts';
import { snakeKey, snakeValue } from '../../src/codex/protocol/snake-key.ts';
import { discriminatorOf, hasOpenRest, isOpaque, isOpenEnum, withShared } from './decisions.ts';
import {
  alternativesOf,
  type Definitions,
  referenceOf,
  resolved,
  type Schema,
  type SchemaObject,
  typesOf,
} from './schema.ts';

/** A shape while it is being put together: what a value may be, kept apart by JSON type. */
interface Draft {
  isFree: boolean;
  isText: boolean;
  values: Set<string>;
  items: Shape | undefined;
  map: Shape | undefined;
  object: ObjectShape | undefined;
}

/** Shapes for all these definitions. Throws where the schema leaves two readings and no decision is written down. */
export function buildShapes(definitions: Definitions, names: readonly string[]): Record<string, Shape> {
  const builder = new ShapeBuilder(definitions);
  return Object.fromEntries(names.map((name) => [name, builder.definition(name)]));
}

class ShapeBuilder {
  readonly #definitions: Definitions;
  readonly #built = new Map<string, Shape>();
  readonly #underway = new Set<string>();

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  definition(name: string): Shape {
    const known = this.#built.get(name);
    if (known !== undefined) {
      return known;
    }
    this.#underway.add(name);
    const shape = isOpaque(name) ? 0 : this.#shape(this.#definitions.get(name) ?? true, name);
    this.#underway.delete(name);
    this.#built.set(name, shape);
    return shape;
  }

  #shape(schema: Schema, path: string): Shape {
    if (schema === true) {
      return 0;
    }
    const single = onlyAlternative(schema);
    if (single !== undefined) {
      const target = referenceOf(single);
      return target === undefined ? this.#shape(single, path) : this.#reference(target);
    }
    const draft = emptyDraft();
    this.#collect(schema, path, draft);
    return finished(draft, path);
  }

  /** A definition that passes through is not worth a call; one that is underway is an object, which never does. */
  #reference(target: string): Shape {
    return !this.#underway.has(target) && this.definition(target) === 0 ? 0 : target;
  }

  #collect(schema: Schema, path: string, draft: Draft): void {
    if (schema === true) {
      draft.isFree = true;
      return;
    }
    const target = referenceOf(schema);
    if (target !== undefined) {
      if (isOpaque(target)) {
        draft.isFree = true;
      } else {
        this.#collect(resolved(this.#definitions, schema), `${path}(${target})`, draft);
      }
      return;
    }
    this.#collectText(schema, path, draft);
    this.#collectList(schema, path, draft);
    this.#collectObjects(schema, path, draft);
  }

  #collectText(schema: SchemaObject, path: string, draft: Draft): void {
    if (schema.enum !== undefined) {
      schema.enum.forEach((value) => draft.values.add(value));
    } else if (typesOf(schema).includes('string') && !isOpenEnum(path)) {
      draft.isText = true;
    }
  }

  #collectList(schema: SchemaObject, path: string, draft: Draft): void {
    if (schema.items !== undefined) {
      draft.items = agreed(draft.items, this.#shape(schema.items, `${path}[]`), `${path}[]`);
    }
  }

  #collectObjects(schema: SchemaObject, path: string, draft: Draft): void {
    const alternatives = [...alternativesOf(schema), ...(schema.allOf ?? [])];
    const by = discriminatorOf(this.#definitions, schema);
    if (by !== undefined) {
      this.#addObject(draft, this.#discriminated(schema, by, path), path);
      return;
    }
    if (schema.properties !== undefined || isPlainObject(schema)) {
      this.#addPlainObject(schema, path, draft);
    }
    alternatives.forEach((alternative, index) => {
      this.#collect(alternative, `${path}|${String(index)}`, draft);
    });
  }

  #addPlainObject(schema: SchemaObject, path: string, draft: Draft): void {
    const extra = schema.additionalProperties;
    if (schema.properties === undefined && extra !== undefined && extra !== false) {
      draft.map = agreed(draft.map, this.#shape(extra === true ? true : extra, `${path}.*`), `${path}.*`);
      return;
    }
    if (typeof extra === 'object') {
      throw new Error(`${path} has both typed keys and a typed rest; the generator doesn't know such a shape.`);
    }
    this.#addObject(draft, this.#object(schema, path), path);
  }

  #object(schema: SchemaObject, path: string): ObjectShape {
    const fields = Object.entries(schema.properties ?? {}).map(
      ([key, child]) => [key, this.#shape(child, `${path}.${key}`)] as const,
    );
    requireInvertible(
      fields.map(([key]) => key),
      snakeKey,
      path,
    );
    const isOpen = schema.additionalProperties === true || hasOpenRest(path);
    const open = isOpen ? { open: true as const } : {};
    return { fields: Object.fromEntries(fields), ...open };
  }

  #discriminated(schema: SchemaObject, by: string, path: string): ObjectShape {
    const shared = this.#object(schema, path);
    const variants: Record<string, ObjectShape> = {};
    for (const alternative of alternativesOf(schema)) {
      const variant = resolved(this.#definitions, alternative) as SchemaObject;
      const selector = resolved(this.#definitions, variant.properties?.[by] ?? true) as SchemaObject;
      const value = selector.enum?.[0] ?? '';
      const draft = emptyDraft();
      this.#collect(withShared(variant, schema), `${path}<${value}>`, draft);
      if (draft.object === undefined) {
        throw new Error(`${path}<${value}> is no object.`);
      }
      variants[value] = draft.object;
    }
    const selectorShape = shapeOfValues(new Set(Object.keys(variants)), `${path}.${by}`);
    return { fields: { ...shared.fields, [by]: selectorShape }, by, variants };
  }

  #addObject(draft: Draft, added: ObjectShape, path: string): void {
    if (draft.object === undefined) {
      draft.object = added;
      return;
    }
    if (draft.object.by !== undefined || added.by !== undefined) {
      throw new Error(`${path} is a union of unions that the generator can't tell apart.`);
    }
    const fields: Record<string, Shape> = { ...draft.object.fields };
    for (const [key, shape] of Object.entries(added.fields)) {
      fields[key] = agreed(fields[key], shape, `${path}.${key}`);
    }
    requireInvertible(Object.keys(fields), snakeKey, path);
    const open = draft.object.open === true || added.open === true ? { open: true as const } : {};
    draft.object = { fields, ...open };
  }
}

function emptyDraft(): Draft {
  return { isFree: false, isText: false, values: new Set(), items: undefined, map: undefined, object: undefined };
}

/** What remains of `X | null` and of an `allOf` that only hangs a description on a reference. */
function onlyAlternative(schema: SchemaObject): Schema | undefined {
  if (schema.$ref !== undefined) {
    return schema;
  }
  const alternatives = [...alternativesOf(schema), ...(schema.allOf ?? [])];
  return alternatives.length === 1 && schema.properties === undefined ? alternatives[0] : undefined;
}

function isPlainObject(schema: SchemaObject): boolean {
  return typesOf(schema).includes('object') && !typesOf(schema).includes('string');
}

function finished(draft: Draft, path: string): Shape {
  const values = shapeOfValues(draft.values, path);
  if (draft.isText && values !== 0) {
    throw new Error(`${path} is free text and an enum with camelCase values; decide which in decisions.ts.`);
  }
  if (draft.map !== undefined && draft.object !== undefined) {
    throw new Error(`${path} is a map and a typed object; decide which in decisions.ts.`);
  }
  const node = Object.assign({}, values === 0 ? {} : values, ...partsOf(draft)) as ShapeNode;
  const isPassedThrough = Object.keys(node).length === 0;
  if (draft.isFree && !isPassedThrough) {
    throw new Error(`${path} is free-form JSON and something typed; decide which in decisions.ts.`);
  }
  return isPassedThrough ? 0 : node;
}

function partsOf({ items, map, object }: Draft): Partial<ShapeNode>[] {
  return [{ items }, { map }, { object }].filter((part) =>
    Object.values(part).every((shape: unknown) => shape !== undefined && shape !== 0),
  );
}

function shapeOfValues(values: ReadonlySet<string>, path: string): ShapeNode | 0 {
  const sorted = [...values].sort();
  requireInvertible(sorted, snakeValue, path);
  return sorted.every((value) => snakeValue(value) === value) ? 0 : { values: sorted };
}

function requireInvertible(names: readonly string[], rename: (name: string) => string, path: string): void {
  const renamed = new Map<string, string>();
  for (const name of names) {
    const other = renamed.get(rename(name));
    if (other !== undefined && other !== name) {
      throw new Error(`${path} has both ${other} and ${name}, which would become one name.`);
    }
    renamed.set(rename(name), name);
  }
}

function agreed(known: Shape | undefined, added: Shape, path: string): Shape {
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(added)) {
    throw new Error(`The alternatives of ${path} have different shapes; decide which in decisions.ts.`);
  }
  return added;
}
