import { type Payload } from '../../core/engine/engine.js';
import { ServiceError } from '../../core/errors.js';
import { schemaFault } from '../../core/json-schema/schema-fault.js';
import { type ChatRequest } from './chat-request.js';

export interface AnswerFormat {
  outputSchema: Payload | undefined;
  directions: readonly string[];
}

const JSON_ONLY = 'Answer with one JSON object and nothing else: no words around it, no code fence.';

/**
 * The engine holds a model to a schema in the strict way only, for which a schema must name every property and allow no
 * others. A looser one, or none, is asked for in words.
 */
export function toAnswerFormat(format: ChatRequest['response_format']): AnswerFormat {
  if (!format || format.type === 'text') {
    return { outputSchema: undefined, directions: [] };
  }
  const wanted = format.type === 'json_schema' ? format.json_schema : toNamed(format.schema);
  if (wanted?.schema === undefined) {
    return { outputSchema: undefined, directions: [JSON_ONLY] };
  }
  requireSchema(wanted.schema, format.type === 'json_schema' ? 'json_schema.schema' : 'schema');
  if (wanted.strict === true || isStrict(wanted.schema)) {
    return { outputSchema: wanted.schema, directions: [] };
  }
  const about = wanted.description ? `${wanted.name} (${wanted.description})` : wanted.name;
  return {
    outputSchema: undefined,
    directions: [`${JSON_ONLY} It must be valid against this JSON Schema, ${about}: ${JSON.stringify(wanted.schema)}`],
  };
}

function toNamed(
  schema: Payload | null | undefined,
): { name: string; schema: Payload; description?: null; strict?: null } | undefined {
  return schema ? { name: 'answer', schema } : undefined;
}

function requireSchema(schema: unknown, place: string): void {
  const fault = schemaFault(schema);
  if (fault) {
    const path = `response_format.${place}${fault.path === '' ? '' : `.${fault.path}`}`;
    throw new ServiceError('invalid_request', `Invalid schema for response_format: ${path} ${fault.message}.`, {
      fields: [{ path, message: fault.message }],
    });
  }
}

/** Whether every object in the schema names all its properties as required and allows no others. */
export function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) {
    return schema.every(isStrict);
  }
  if (typeof schema !== 'object' || schema === null) {
    return true;
  }
  return isClosed(schema as Payload) && Object.values(schema).every(isStrict);
}

function isClosed({ properties, required, additionalProperties, type }: Payload): boolean {
  if (type !== 'object' && properties === undefined) {
    return true;
  }
  const names = Object.keys(properties ?? {});
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return additionalProperties === false && names.every((name) => needed.includes(name));
}
