import { z } from 'zod';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const number = (least: number, most: number): z.ZodType<number> =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a number')
    .transform(Number)
    .pipe(z.int().min(least).max(most));

/** OpenAI's SDKs write `include[]`, others `include`. */
const include = z.union([z.string(), z.array(z.string())]).optional();

export const retrieveQuery = z.strictObject({
  stream: flag.optional(),
  starting_after: number(0, 999_999_999).optional(),
  include_obfuscation: flag.optional(),
  include,
  'include[]': include,
});
export type RetrieveQuery = z.infer<typeof retrieveQuery>;

export const itemsQuery = z.strictObject({
  limit: number(1, 100).optional(),
  order: z.enum(['asc', 'desc']).optional(),
  after: z.string().max(256).optional(),
  before: z.string().max(256).optional(),
  include,
  'include[]': include,
});
export type ItemsQuery = z.infer<typeof itemsQuery>;
