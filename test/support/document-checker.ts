import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type Json } from './start-app.js';

type Schema = Json & { $ref?: string; title?: string };
type Response = Json & { $ref?: string; content?: Record<string, { schema?: Schema }> };

interface OpenApiDocument {
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, Response> }>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Response> };
}

export interface Answer {
  method: string;
  /** With or without a query. */
  path: string;
  status: number;
  contentType: string | null;
  text: string;
}

const UNIONS = ['oneOf', 'anyOf'] as const;
const MAPS = ['properties', '$defs', 'patternProperties'] as const;

/**
 * Checks answers and events against docs/openapi.json, in which every object that lists its properties, and is not said to
 * be open, is taken as closed: a key too many is a mistake as much as one too few.
 */
export class DocumentChecker {
  readonly document: OpenApiDocument;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, discriminator: false });
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #events: Map<string, Schema>;

  constructor(path = 'docs/openapi.json') {
    this.document = JSON.parse(readFileSync(path, 'utf8')) as OpenApiDocument;
    addFormats.default(this.#ajv);
    const { schemas } = this.document.components;
    const closed = Object.entries(schemas).map(([name, schema]) => [name, close(schema, false)] as const);
    // The parts of a composition can't be closed, only the composition can.
    const open = Object.entries(schemas).map(([name, schema]) => [`${name}.part`, close(schema, true)] as const);
    this.#ajv.addSchema({ $id: 'document', components: { schemas: Object.fromEntries([...closed, ...open]) } });
    const members = (schemas.StreamEvent?.oneOf ?? []) as Schema[];
    this.#events = new Map(members.map((member) => [member.title ?? '', member]));
  }

  /** The operation's id, and what is wrong with the answer. */
  checkAnswer({ method, path, status, contentType, text }: Answer): { operationId: string; faults: string[] } {
    const found = this.#find(method, path);
    if (!found) {
      return { operationId: '', faults: [`${method} ${path} is not in the document`] };
    }
    const { operationId, responses } = found;
    const entry = responses[String(status)] ?? (status >= 400 ? responses.default : undefined);
    const response = entry?.$ref === undefined ? entry : this.document.components.responses[nameOf(entry.$ref)];
    const at = `${operationId} ${String(status)}`;
    if (!response) {
      return { operationId, faults: [`${at} is not in the document`] };
    }
    const type = contentType?.split(';')[0] ?? '';
    const media = Object.entries(response.content ?? {});
    if (media.length === 0) {
      return { operationId, faults: text === '' ? [] : [`${at} has a body`] };
    }
    const schema = media.find(([name]) => name === type || name === '*/*')?.[1].schema;
    if (type !== 'application/json' && type !== 'application/problem+json') {
      return { operationId, faults: media.some(([name]) => fits(name, type)) ? [] : [`${at} is ${type}`] };
    }
    const faults = schema ? this.#faults(at, schema, JSON.parse(text)) : [`${at} is ${type}`];
    return { operationId, faults };
  }

  /** What is wrong with the `data:` of a frame. */
  checkEvent(data: Json): string[] {
    const name = String(data.event);
    const member = this.#events.get(name);
    return member ? this.#faults(name, member, data) : [`${name} is not in the document`];
  }

  checkSchema(name: string, value: unknown): string[] {
    return this.#faults(name, { $ref: `#/components/schemas/${name}` }, value);
  }

  #faults(at: string, schema: Schema, value: unknown): string[] {
    let validate = this.#validators.get(at);
    if (!validate) {
      validate = this.#ajv.compile(close(schema, false) as Schema);
      this.#validators.set(at, validate);
    }
    return validate(value) ? [] : (validate.errors ?? []).map((error) => `${at}: ${toText(error)}`);
  }

  #find(method: string, path: string): { operationId: string; responses: Record<string, Response> } | undefined {
    const steps = path.split('?')[0]?.split('/') ?? [];
    const matches = Object.keys(this.document.paths).filter((template) => {
      const parts = template.split('/');
      return (
        parts.length === steps.length && parts.every((part, index) => part.startsWith('{') || part === steps[index])
      );
    });
    // A fixed word goes before a parameter, as it does where the request is routed.
    matches.sort((left, right) => left.split('{').length - right.split('{').length);
    const template = matches.find((match) => this.document.paths[match]?.[method.toLowerCase()] !== undefined);
    return this.document.paths[template ?? '']?.[method.toLowerCase()];
  }
}

function close(schema: unknown, isPart: boolean): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    return schema;
  }
  const node = schema as Schema;
  const result: Json = { ...node };
  if (typeof node.$ref === 'string') {
    result.$ref = `document#/components/schemas/${nameOf(node.$ref)}${isPart ? '.part' : ''}`;
  }
  const isComposed = node.properties !== undefined || node.allOf !== undefined;
  for (const key of UNIONS) {
    if (Array.isArray(node[key])) {
      result[key] = node[key].map((member) => close(member, isPart || isComposed));
    }
  }
  if (Array.isArray(node.allOf)) {
    result.allOf = node.allOf.map((member) => close(member, true));
  }
  for (const key of MAPS) {
    if (typeof node[key] === 'object' && node[key] !== null) {
      const entries = Object.entries(node[key]).map(([name, child]) => [name, close(child, false)]);
      result[key] = Object.fromEntries(entries) as Json;
    }
  }
  result.items = close(node.items, false);
  result.additionalProperties = close(node.additionalProperties, false);
  if (isComposed && !isPart && node.additionalProperties === undefined) {
    result.unevaluatedProperties = false;
  }
  return Object.fromEntries(Object.entries(result).filter(([, value]) => value !== undefined));
}

function fits(name: string, type: string): boolean {
  return name === type || name === '*/*' || name === 'application/octet-stream';
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

function toText({ instancePath, message = '', params }: ErrorObject): string {
  return `${instancePath === '' ? '/' : instancePath} ${message} ${JSON.stringify(params)}`;
}
