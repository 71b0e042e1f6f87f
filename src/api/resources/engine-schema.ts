import { type ApiPropertyOptions } from '@nestjs/swagger';

/** A reference to a component that is generated from the engine's own schema. */
export function engine(name: string): ApiPropertyOptions & { $ref: string } {
  return { $ref: `#/components/schemas/Engine${name}` };
}

export function nullable(schema: { $ref: string }): ApiPropertyOptions {
  return { oneOf: [{ $ref: schema.$ref }, { type: 'null' }] };
}
