import { snakeKey, snakeValue } from '../../src/codex/protocol/snake-key.ts';
import { constantOf, discriminatorOf, hasOpenRest, isOpaque, withShared } from './decisions.ts';
import { type Methods } from './methods.ts';
import {
  alternativesOf,
  type Definitions,
  reachableFrom,
  referenceOf,
  requireDefinition,
  resolved,
  type Schema,
  type SchemaObject,
} from './schema.ts';

/** How a set of components calls what the engine has; the prefix keeps it apart from the other sets. */
export interface Naming {
  readonly prefix: string;
  readonly key: (engineKey: string) => string;
  readonly value: (engineValue: string) => string;
}

/** The native surface's names. */
export const OUR_NAMES: Naming = { prefix: 'Engine', key: snakeKey, value: snakeValue };

/** The engine's own names. */
export const ENGINE_NAMES: Naming = { prefix: 'Codex', key: (key) => key, value: (value) => value };

const FREE_FORM = 'Free-form JSON, passed through as it is.';

const SUBSCHEMA_KEYWORDS = new Set(['oneOf', 'anyOf', 'allOf', 'items', 'additionalProperties']);

type Component = Readonly<Record<string, unknown>>;

interface Protocol {
  definitions: Definitions;
  methods: Methods;
}

/** OpenAPI 3.1 component schemas of these definitions and all that they reach. */
export function buildComponents(
  { definitions, methods }: Protocol,
  roots: readonly string[],
  naming: Naming,
): Record<string, Component> {
  const builder = new ComponentBuilder(definitions, descriptionsOf(methods), naming);
  for (const name of reachableFrom(definitions, roots)) {
    builder.add(name);
  }
  return builder.reachable(roots);
}

class ComponentBuilder {
  readonly #definitions: Definitions;
  readonly #descriptions: ReadonlyMap<string, string>;
  readonly #naming: Naming;
  readonly #components = new Map<string, Component>();

  constructor(definitions: Definitions, descriptions: ReadonlyMap<string, string>, naming: Naming) {
    this.#definitions = definitions;
    this.#descriptions = descriptions;
    this.#naming = naming;
  }

  add(name: string): void {
    const schema = requireDefinition(this.#definitions, name);
    const description = schema.description ?? this.#descriptions.get(name) ?? `The engine's ${words(name)}.`;
    this.#put(name, { description, ...this.#definition(name, schema) });
  }

  /** Without what only an opaque definition led to. */
  reachable(roots: readonly string[]): Record<string, Component> {
    const reached = new Set<string>();
    const pending = roots.map((name) => this.#naming.prefix + name);
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (!reached.has(name)) {
        reached.add(name);
        const text = JSON.stringify(this.#components.get(name));
        pending.push(...[...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, target]) => target ?? ''));
      }
    }
    return Object.fromEntries([...reached].sort().map((name) => [name, this.#components.get(name) ?? {}]));
  }

  #definition(name: string, schema: SchemaObject): Component {
    if (isOpaque(name)) {
      return { type: 'object', additionalProperties: true };
    }
    if (hasOpenRest(name)) {
      return { ...without(this.#object(schema), 'description'), additionalProperties: true };
    }
    const by = discriminatorOf(this.#definitions, schema);
    return by === undefined ? without(this.#object(schema), 'description') : this.#discriminated(name, schema, by);
  }

  /** A discriminator is only valid over references, so each variant becomes a component of its own. */
  #discriminated(name: string, schema: SchemaObject, by: string): Component {
    const mapping: Record<string, string> = {};
    for (const alternative of alternativesOf(schema)) {
      const value = constantOf(this.#definitions, resolved(this.#definitions, alternative), by) ?? '';
      mapping[this.#naming.value(value)] = this.#reference(this.#variant(name, schema, alternative, value));
    }
    const oneOf = Object.values(mapping).map(($ref) => ({ $ref }));
    return { oneOf, discriminator: { propertyName: this.#naming.key(by), mapping } };
  }

  #variant(name: string, union: SchemaObject, alternative: Schema, value: string): string {
    const target = referenceOf(alternative);
    if (target !== undefined && union.properties === undefined) {
      return target;
    }
    const variant = resolved(this.#definitions, alternative) as SchemaObject;
    const variantName = this.#freeName(pascalWord(value) + name);
    const description =
      variant.description ?? `The \`${this.#naming.value(value)}\` variant of ${this.#naming.prefix}${name}.`;
    const schema = withShared(variant, union);
    this.#put(variantName, { description, ...without(this.#object(schema), 'description') });
    return variantName;
  }

  /** `openai/form` and `openaiForm` stand in one union: the second of two namesakes is numbered. */
  #freeName(name: string): string {
    const isTaken = (candidate: string): boolean =>
      this.#components.has(this.#naming.prefix + candidate) || this.#definitions.has(candidate);
    let free = name;
    for (let number = 2; isTaken(free); number += 1) {
      free = `${name}${String(number)}`;
    }
    return free;
  }

  #reference(name: string): string {
    return `#/components/schemas/${this.#naming.prefix}${name}`;
  }

  #put(name: string, component: Component): void {
    this.#components.set(this.#naming.prefix + name, component);
  }

  #schema(schema: Schema): Component {
    return schema === true ? { description: FREE_FORM } : this.#object(schema);
  }

  #object(schema: SchemaObject): Component {
    const component: Record<string, unknown> = {};
    for (const [keyword, value] of Object.entries(schema)) {
      if (keyword !== 'title') {
        component[keyword] = this.#keyword(keyword, value, schema);
      }
    }
    return component;
  }

  #keyword(keyword: string, value: unknown, schema: SchemaObject): unknown {
    switch (keyword) {
      case '$ref':
        return this.#reference(referenceOf(schema) ?? '');
      case 'properties':
        return mapEntries(value as Record<string, Schema>, (key, child) => [
          this.#naming.key(key),
          this.#schema(child),
        ]);
      case 'required':
        return (value as string[]).map(this.#naming.key);
      case 'enum':
        return (value as string[]).map(this.#naming.value);
      case 'default':
        return this.#default(schema, value);
      default:
        return SUBSCHEMA_KEYWORDS.has(keyword) ? this.#subschemas(keyword, value) : value;
    }
  }

  #subschemas(keyword: string, value: unknown): unknown {
    if (Array.isArray(value)) {
      return (value as readonly Schema[]).map((child) => this.#schema(child));
    }
    const isFlag = keyword === 'additionalProperties' && typeof value === 'boolean';
    return isFlag ? value : this.#schema(value as Schema);
  }

  /** A default is written in the engine's names too; only defaults of text, lists and objects can hold any. */
  #default(schema: Schema, value: unknown): unknown {
    const target = resolved(this.#definitions, schema);
    if (target === true || value === null || (typeof value !== 'object' && typeof value !== 'string')) {
      return value;
    }
    if (typeof value === 'string') {
      return this.#isEnum(target) ? this.#naming.value(value) : value;
    }
    if (Array.isArray(value)) {
      return value.map((item: unknown) => this.#default(target.items ?? true, item));
    }
    const properties = target.properties;
    return properties === undefined
      ? value
      : mapEntries(value as Record<string, unknown>, (key, child) => [
          this.#naming.key(key),
          this.#default(properties[key] ?? true, child),
        ]);
  }

  #isEnum(schema: SchemaObject): boolean {
    const alternatives = [...alternativesOf(schema), ...(schema.allOf ?? [])];
    return (
      schema.enum !== undefined ||
      alternatives.some((alternative) => {
        const target = resolved(this.#definitions, alternative);
        return target !== true && this.#isEnum(target);
      })
    );
  }
}

function descriptionsOf(methods: Methods): Map<string, string> {
  const descriptions = new Map<string, string>();
  for (const { method, params, response } of [...methods.clientRequests, ...methods.serverRequests]) {
    if (params !== null) {
      descriptions.set(params, `The parameters of the engine's \`${method}\` request.`);
    }
    descriptions.set(response, `The answer to the engine's \`${method}\` request.`);
  }
  for (const { method, params } of methods.notifications) {
    descriptions.set(params, `The payload of the engine's \`${method}\` notification.`);
  }
  return descriptions;
}

function words(name: string): string {
  return snakeKey(name).replaceAll('_', ' ');
}

function pascalWord(value: string): string {
  return value.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function without(component: Component, keyword: string): Component {
  return Object.fromEntries(Object.entries(component).filter(([key]) => key !== keyword));
}

function mapEntries<A, B>(
  record: Readonly<Record<string, A>>,
  to: (key: string, value: A) => [string, B],
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => to(key, value)));
}
