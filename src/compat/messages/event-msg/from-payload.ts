import { type z } from 'zod';
import { type Payload } from '../../../core/engine/engine.js';
import { toShellWords } from '../shell-words.js';
import { type duration, type fileChange, type parsedCommand, type tokenUsage } from './parts.js';

/** The parts of events, made of the parts of the engine's payloads. Total: what is missing counts as empty. */

export const asPayload = (value: unknown): Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : {};

export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

export const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

export const asTextOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const asInteger = (value: unknown): number => (typeof value === 'number' ? Math.trunc(value) : 0);

const NANOS_PER_MS = 1_000_000;

export function toDuration(ms: unknown): z.infer<typeof duration> {
  const whole = Math.max(0, asInteger(ms));
  return { secs: Math.floor(whole / 1000), nanos: (whole % 1000) * NANOS_PER_MS };
}

/** The engine tells a command as one line; clients of this protocol expect its words. */
export const toCommand = (line: unknown): string[] => toShellWords(asText(line));

export function toParsedCommands(actions: unknown): z.infer<typeof parsedCommand>[] {
  return asList(actions).map((value) => {
    const action = asPayload(value);
    const cmd = asText(action.command);
    const path = asTextOrNull(action.path);
    switch (action.type) {
      case 'read':
        return { type: 'read', cmd, name: asText(action.name), path: path ?? '' };
      case 'list_files':
        return { type: 'list_files', cmd, path };
      case 'search':
        return { type: 'search', cmd, query: asTextOrNull(action.query), path };
      default:
        return { type: 'unknown', cmd };
    }
  });
}

export function toFileChanges(changes: unknown): Record<string, z.infer<typeof fileChange>> {
  return Object.fromEntries(
    asList(changes).map((value) => {
      const { path, kind, diff } = asPayload(value);
      return [asText(path), toFileChange(asPayload(kind), asText(diff))];
    }),
  );
}

/** Of a new or deleted file the engine gives the content in place of a diff. */
function toFileChange(kind: Payload, diff: string): z.infer<typeof fileChange> {
  switch (kind.type) {
    case 'add':
      return { type: 'add', content: diff };
    case 'delete':
      return { type: 'delete', content: diff };
    default:
      return { type: 'update', unified_diff: diff, move_path: asTextOrNull(kind.move_path) };
  }
}

export function toTokenUsage(value: unknown): z.infer<typeof tokenUsage> {
  const usage = asPayload(value);
  return {
    input_tokens: asInteger(usage.input_tokens),
    cached_input_tokens: asInteger(usage.cached_input_tokens),
    output_tokens: asInteger(usage.output_tokens),
    reasoning_output_tokens: asInteger(usage.reasoning_output_tokens),
    total_tokens: asInteger(usage.total_tokens),
  };
}

/** Only those properties that have a value. */
export function given<T extends object>(properties: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  const kept = Object.entries(properties).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(kept) as { [Key in keyof T]?: NonNullable<T[Key]> };
}
