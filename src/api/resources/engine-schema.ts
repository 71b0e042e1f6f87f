import { type ApiPropertyOptions } from '@nestjs/swagger';

/** A reference to a component that is generated from the engine's own schema. */
export function engine(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/Engine${name}` };
}

/** For a property that is one of those, whatever its TypeScript type says. */
export function exactly(schema: { $ref: string }): ApiPropertyOptions {
  return { allOf: [{ $ref: schema.$ref }] };
}

export function nullable(schema: { $ref: string }): ApiPropertyOptions {
  return { oneOf: [{ $ref: schema.$ref }, { type: 'null' }] };
}
