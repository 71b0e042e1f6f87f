import { readFileSync } from 'node:fs';
import { type Shape } from '../../../../src/codex/protocol/shape.js';
import { type Schema } from './samples.js';

function read(name: string): unknown {
  return JSON.parse(
    readFileSync(new URL(`../../../../src/codex/protocol/generated/${name}`, import.meta.url), 'utf8'),
  ) as unknown;
}

export const { definitions } = read('schemas.json') as { definitions: Record<string, Schema> };
export const { shapes } = read('shapes.json') as { shapes: Record<string, Shape> };
export const { schemas: components } = read('openapi-components.json') as {
  schemas: Record<string, Record<string, unknown>>;
};
