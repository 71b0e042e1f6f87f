import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type Json } from './start-app.js';

type Schema = Json & { $ref?: string; title?: string };
type Response = Json & { $ref?: string; content?: Record<string, { schema?: Schema }> };

interface OpenApiDocument {
  tags: { name: string }[];
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

  /** Of all that a stream may have. */
  get eventNames(): string[] {
    return [...this.#events.keys()];
  }

  /** What is wrong with an answer. */
  checkAnswer({ method, path, status, contentType, text }: Answer): string[] {
    const at = `${method} ${path.split('?')[0] ?? ''} ${String(status)}`;
    const content = this.#contentOf(method, path, status);
    if (!content) {
      return [`${at} is not in the document`];
    }
    if (Object.keys(content).length === 0) {
      return text === '' ? [] : [`${at} has a body`];
    }
    const type = contentType?.split(';')[0] ?? '';
    const media = [type, '*/*', 'application/octet-stream']
      .map((name) => content[name])
      .find((one) => one !== undefined);
    if (!media) {
      return [`${at} is ${type}`];
    }
    return type.endsWith('json') && media.schema ? this.#faults(at, media.schema, JSON.parse(text)) : [];
  }

  hasOperation(method: string, path: string): boolean {
    return this.#responsesOf(method, path) !== undefined;
  }

  /** What is wrong with the `data:` of a frame. */
  checkEvent(data: Readonly<Json>): string[] {
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

  #contentOf(method: string, path: string, status: number): Response['content'] {
    const responses = this.#responsesOf(method, path);
    const entry = responses?.[String(status)] ?? (status >= 400 ? responses?.default : undefined);
    const response = entry?.$ref === undefined ? entry : this.document.components.responses[nameOf(entry.$ref)];
    return response && (response.content ?? {});
  }

  #responsesOf(method: string, path: string): Record<string, Response> | undefined {
    const steps = path.split('?')[0]?.split('/') ?? [];
    const matches = Object.keys(this.document.paths).filter((template) => {
      const parts = template.split('/');
      return (
        parts.length === steps.length && parts.every((part, index) => part.startsWith('{') || part === steps[index])
      );
    });
    // A fixed word goes before a parameter, as it does where the request is routed.
    matches.sort((left, right) => left.split('{').length - right.split('{').length);
    const operations = matches.map((template) => this.document.paths[template]?.[method.toLowerCase()]);
    return operations.find((operation) => operation !== undefined)?.responses;
  }
}

interface Place {
  isPart: boolean;
  isComposed: boolean;
}

function close(schema: unknown, isPart: boolean): unknown {
  if (typeof schema !== 'object' || schema === null) {
    return schema;
  }
  const { properties, allOf, additionalProperties } = schema as Json;
  const isComposed = properties !== undefined || allOf !== undefined;
  const place = { isPart, isComposed };
  const entries = Object.entries(schema).map(([key, value]) => [key, closeKeyword(key, value, place)] as const);
  const isClosed = isComposed && !isPart && additionalProperties === undefined;
  return { ...Object.fromEntries(entries), ...(isClosed && { unevaluatedProperties: false }) };
}

function closeKeyword(keyword: string, value: unknown, { isPart, isComposed }: Place): unknown {
  switch (keyword) {
    case '$ref':
      return `document#/components/schemas/${nameOf(String(value))}${isPart ? '.part' : ''}`;
    case 'oneOf':
    case 'anyOf':
      return (value as unknown[]).map((member) => close(member, isPart || isComposed));
    case 'allOf':
      return (value as unknown[]).map((member) => close(member, true));
    case 'properties':
      return Object.fromEntries(Object.entries(value as Json).map(([name, child]) => [name, close(child, false)]));
    case 'items':
    case 'additionalProperties':
      return close(value, false);
    default:
      return value;
  }
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

function toText({ instancePath, message = '', params }: ErrorObject): string {
  return `${instancePath === '' ? '/' : instancePath} ${message} ${JSON.stringify(params)}`;
}
