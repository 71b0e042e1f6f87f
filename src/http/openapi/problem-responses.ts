import { type OpenAPIObject } from '@nestjs/swagger';
import { type RouteTable } from '../routing/route-table.js';

interface Operation {
  responses?: Record<string, unknown>;
  requestBody?: unknown;
  security?: unknown[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is malformed or has unknown or invalid fields.',
  401: 'No token, or not the token of this server.',
  403: 'The Host, the Origin or a path is not allowed.',
  404: 'There is no such thing.',
  409: 'It contradicts the present state.',
  413: 'The body is too large.',
  415: 'The body is of another media type.',
  429: 'Too many requests; `Retry-After` says how long to wait.',
  500: 'Something went wrong on the server.',
};

/** Adds to each operation the problems that any request can end in, and marks the open ones. Changes the document. */
export function addProblemResponses(document: OpenAPIObject, routes: RouteTable): void {
  document.components = {
    ...document.components,
    responses: { ...document.components?.responses, ...toResponses() },
  };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method] as Operation | undefined;
      if (operation) {
        const route = routes.find(method.toUpperCase(), path)?.route;
        addTo(operation, {
          isOpen: route?.isPublic === true,
          isWrite: method !== 'get',
          hasParams: path.includes('{'),
        });
      }
    }
  }
}

function addTo(operation: Operation, about: { isOpen: boolean; isWrite: boolean; hasParams: boolean }): void {
  const statuses = [
    400,
    ...(about.isOpen ? [] : [401]),
    403,
    ...(about.hasParams ? [404] : []),
    ...(about.isWrite ? [409] : []),
    ...(operation.requestBody === undefined ? [] : [413, 415]),
    429,
    500,
  ];
  const common = Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/${nameOf(status)}` }]),
  );
  operation.responses = { ...common, ...operation.responses };
  if (about.isOpen) {
    operation.security = [];
  }
}

function toResponses(): Record<string, { description: string; content: Record<string, { schema: { $ref: string } }> }> {
  return Object.fromEntries(
    Object.entries(DESCRIPTIONS).map(([status, description]) => [
      nameOf(status),
      { description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDto' } } } },
    ]),
  );
}

const nameOf = (status: number | string): string => `Problem${String(status)}`;
