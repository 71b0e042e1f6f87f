import { z } from 'zod';

/** What several events have in common; names and forms are those of the engine's own protocol (`codex-protocol`). */

/** A time as serde writes a Rust `Duration`. */
export const duration = z
  .object({ secs: z.int(), nanos: z.int() })
  .meta({ id: 'MsgDuration', description: 'How long it took, in seconds and nanoseconds.' });

export const fileChange = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('add'), content: z.string() }).meta({ id: 'MsgFileAdded', description: 'A new file.' }),
    z
      .object({ type: z.literal('delete'), content: z.string() })
      .meta({ id: 'MsgFileDeleted', description: 'A file that is deleted.' }),
    z
      .object({ type: z.literal('update'), unified_diff: z.string(), move_path: z.string().nullable() })
      .meta({ id: 'MsgFileUpdated', description: 'A file that is changed, and maybe moved.' }),
  ])
  .meta({ id: 'MsgFileChange', description: 'What happens to a file.' });

export const fileChanges = z.record(z.string(), fileChange).describe('By the path of the file.');

export const parsedCommand = z
  .discriminatedUnion('type', [
    z
      .object({ type: z.literal('read'), cmd: z.string(), name: z.string(), path: z.string() })
      .meta({ id: 'MsgParsedRead', description: 'Reads a file.' }),
    z
      .object({ type: z.literal('list_files'), cmd: z.string(), path: z.string().nullable() })
      .meta({ id: 'MsgParsedListFiles', description: 'Lists files.' }),
    z
      .object({
        type: z.literal('search'),
        cmd: z.string(),
        query: z.string().nullable(),
        path: z.string().nullable(),
      })
      .meta({ id: 'MsgParsedSearch', description: 'Searches in files.' }),
    z
      .object({ type: z.literal('unknown'), cmd: z.string() })
      .meta({ id: 'MsgParsedUnknown', description: 'Anything else.' }),
  ])
  .meta({ id: 'MsgParsedCommand', description: 'What a command is taken for.' });

export const tokenUsage = z
  .object({
    input_tokens: z.int(),
    cached_input_tokens: z.int(),
    output_tokens: z.int(),
    reasoning_output_tokens: z.int(),
    total_tokens: z.int(),
  })
  .meta({ id: 'MsgTokenUsage', description: 'Tokens by kind.' });

export const invocation = z
  .object({ server: z.string(), tool: z.string(), arguments: z.unknown().describe('As the tool takes them.') })
  .meta({ id: 'MsgMcpInvocation', description: 'A call of a tool of an MCP server.' });

/** One event of the union: its `type`, its fields, and what it says. */
export function msg<Type extends string, Shape extends z.ZodRawShape>(
  type: Type,
  description: string,
  shape: Shape,
): z.ZodObject<{ type: z.ZodLiteral<Type> } & Shape> {
  const name = type.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const object = z.object({ type: z.literal(type), ...shape }) as z.ZodObject<{ type: z.ZodLiteral<Type> } & Shape>;
  return object.meta({ id: `${name}Msg`, description });
}
