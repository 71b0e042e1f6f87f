import { readFileSync } from 'node:fs';
import { toQuestionPayload, toStreamEventSchema } from '../api/events/stream-event-schema.js';
import { NOTIFICATION_PAYLOADS, QUESTION_PAYLOADS } from '../codex/event-payloads.js';

/**
 * Schemas of the document that no controller names: the engine's own and, where the native API is served, `StreamEvent`.
 */
export function toComponents(dialects: readonly string[]): Record<string, object> {
  const schemas = engineSchemas();
  if (!dialects.includes('v2')) {
    return schemas;
  }
  const questions = Object.values(QUESTION_PAYLOADS).map((name) => [name, toQuestionPayload(schemas[name] ?? {})]);
  const payloads = { ...schemas, ...(Object.fromEntries(questions) as Record<string, object>) };
  return { ...payloads, StreamEvent: toStreamEventSchema(NOTIFICATION_PAYLOADS, QUESTION_PAYLOADS, payloads) };
}

function engineSchemas(): Record<string, object> {
  const read = (name: string): Record<string, object> => {
    const file = new URL(`../codex/protocol/generated/${name}`, import.meta.url);
    return (JSON.parse(readFileSync(file, 'utf8')) as { schemas: Record<string, object> }).schemas;
  };
  return { ...read('openapi-components.json'), ...read('wire-components.json') };
}
