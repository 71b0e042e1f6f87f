import { globSync } from 'node:fs';
import { RequestMethod } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { isPublicHandler } from '../../src/http/routing/route-metadata.js';

export interface ProgramRoute {
  method: string;
  /** As OpenAPI writes it: `/api/v2/threads/{thread_id}`. */
  path: string;
  /** The name of the controller's method. */
  name: string;
  isPublic: boolean;
  /** The status of its success. */
  status: number;
}

type Handler = (...args: unknown[]) => unknown;

const DEFAULT_STATUS: Readonly<Record<string, number>> = { POST: 201 };

/** Every route of every controller in `src/`, read from the decorators and not from the document. */
export async function readProgramRoutes(): Promise<ProgramRoute[]> {
  const files = globSync(`${import.meta.dirname}/../../src/**/*.controller.ts`);
  const modules = await Promise.all(files.map(async (file) => (await import(file)) as Record<string, unknown>));
  const exported = modules.flatMap((module) => Object.values(module));
  return exported.filter((value) => typeof value === 'function' && isController(value)).flatMap(toRoutes);
}

function isController(value: object): boolean {
  return Reflect.hasMetadata(PATH_METADATA, value);
}

function toRoutes(controller: unknown): ProgramRoute[] {
  const { prototype } = controller as { prototype: Record<string, Handler> };
  const prefixes = pathsOf(controller as object);
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name]!;
    if (!Reflect.hasMetadata(METHOD_METADATA, handler)) {
      return [];
    }
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
    const paths = prefixes.flatMap((prefix) => pathsOf(handler).map((path) => join(prefix, path)));
    const status = (Reflect.getMetadata(HTTP_CODE_METADATA, handler) as number | undefined) ?? DEFAULT_STATUS[method];
    return paths.map((path) => ({ method, path, name, isPublic: isPublicHandler(handler), status: status ?? 200 }));
  });
}

function pathsOf(target: object): string[] {
  const path = Reflect.getMetadata(PATH_METADATA, target) as string | string[];
  return typeof path === 'string' ? [path] : path;
}

function join(...parts: string[]): string {
  const segments = parts.flatMap((part) => part.split('/')).filter((segment) => segment !== '');
  return `/${segments.map((segment) => segment.replace(/^:(.*)$/, '{$1}')).join('/')}`;
}
