import { STATUS_CODES } from 'node:http';
import { type OpenAPIObject } from '@nestjs/swagger';
import { type RouteTable } from '../routing/route-table.js';

interface Response {
  $ref?: string;
  description?: string;
}

interface Operation {
  responses?: Record<string, Response>;
  requestBody?: unknown;
  security?: unknown[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  400: 'The request is malformed or has unknown or invalid fields.',
  401: 'No token, or not the token of this server.',
  403: 'The Host, the Origin or a path is not allowed.',
  404: 'There is no such thing.',
  409: 'It contradicts the present state.',
  413: 'The body is too large.',
  415: 'The body is of another media type.',
  429: 'Too many requests; `Retry-After` says how long to wait.',
  500: 'Something went wrong on the server.',
  default: 'Any other problem; its `code` says which.',
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
  const common = Object.fromEntries(statuses.map((status) => [status, refTo(status)]));
  operation.responses = { ...common, ...toDescribed(operation.responses ?? {}), default: refTo('default') };
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

/** Every response needs a description (OpenAPI 3.1, 4.8.17); a route that gives none gets the status in words. */
function toDescribed(responses: Record<string, Response>): Record<string, Response> {
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [
      status,
      response.description === '' ? { ...response, description: STATUS_CODES[status] ?? status } : response,
    ]),
  );
}

const refTo = (status: number | string): { $ref: string } => ({ $ref: `#/components/responses/${nameOf(status)}` });

const nameOf = (status: number | string): string => (status === 'default' ? 'Problem' : `Problem${String(status)}`);
