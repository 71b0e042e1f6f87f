import { STATUS_CODES } from 'node:http';
import { type Type } from '@nestjs/common';
import { getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { type Scope } from '../../settings/scopes.js';
import { type ErrorShapes } from '../dialects/error-shapes.js';
import { isPublicHandler, toRequiredScope } from '../routing/route-metadata.js';
import { type RouteTable } from '../routing/route-table.js';

interface Response {
  $ref?: string;
  description?: string;
}

interface Operation {
  responses?: Record<string, Response>;
  requestBody?: unknown;
  security?: unknown[];
  description?: string;
  'x-required-scope'?: Scope;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  400: 'The request is malformed or has unknown or invalid fields.',
  401: 'No token, or not the token of this server.',
  403: 'The token lacks the scope, what is asked for is above its ceiling, or the Host, the Origin or a path is not allowed.',
  404: 'There is no such thing.',
  408: 'The body took too long to arrive.',
  409: 'It contradicts the present state.',
  413: 'The body is too large.',
  415: 'The body is of another media type.',
  429: 'Too many requests; `Retry-After` says how long to wait.',
  500: 'Something went wrong on the server.',
  default: 'Any other problem; its `code` says which.',
};

/**
 * Adds to each operation the problems that any request can end in, in the shape of its dialect, and marks the open ones.
 * Changes the document.
 */
export function addProblemResponses(document: OpenAPIObject, routes: RouteTable, shapes: ErrorShapes): void {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method] as Operation | undefined;
      if (operation) {
        const route = routes.find(method.toUpperCase(), path)?.route;
        addTo(operation, {
          isOpen: route !== undefined && isPublicHandler(route.handler),
          scope: route ? toRequiredScope(route.handler, route.method) : 'read',
          isWrite: method !== 'get',
          hasParams: path.includes('{'),
          body: toBody(shapes.find(path)?.model),
        });
      }
    }
  }
  document.components = {
    ...document.components,
    responses: { ...document.components?.responses, ...usedResponses(document, shapes) },
  };
}

/** Not every dialect has a route for every kind of problem. */
function usedResponses({ paths }: OpenAPIObject, shapes: ErrorShapes): Record<string, ProblemResponse> {
  const all = [PROBLEM, ...shapes.models.map(toBody)].flatMap((body) => Object.entries(toResponses(body)));
  const text = JSON.stringify(paths);
  return Object.fromEntries(all.filter(([name]) => text.includes(`"#/components/responses/${name}"`)));
}

interface About {
  isOpen: boolean;
  scope: Scope;
  isWrite: boolean;
  hasParams: boolean;
  body: ErrorBody;
}

function addTo(operation: Operation, about: About): void {
  const statuses = [
    400,
    ...(about.isOpen ? [] : [401]),
    403,
    ...(about.hasParams ? [404] : []),
    ...(about.isWrite ? [409] : []),
    ...(operation.requestBody === undefined ? [] : [408, 413, 415]),
    429,
    500,
  ];
  const common = Object.fromEntries(statuses.map((status) => [status, refTo(about.body, status)]));
  operation.responses = { ...common, ...toDescribed(operation.responses ?? {}), default: refTo(about.body, 'default') };
  if (about.isOpen) {
    operation.security = [];
  } else {
    operation['x-required-scope'] = about.scope;
    operation.description = [operation.description, `Needs a token with the scope \`${about.scope}\`.`]
      .filter((part) => part !== undefined && part !== '')
      .join('\n\n');
  }
}

/** What an error looks like: as a problem, or in the shape of a dialect. */
interface ErrorBody {
  /** The beginning of the names of its responses. */
  name: string;
  mediaType: string;
  model: string;
}

interface ProblemResponse {
  description: string;
  content: Record<string, { schema: { $ref: string } }>;
}

const PROBLEM: ErrorBody = { name: 'Problem', mediaType: 'application/problem+json', model: 'ProblemDto' };

/** A model may have another name in the document than its class has. */
function toBody(model: Type | undefined): ErrorBody {
  if (model === undefined) {
    return PROBLEM;
  }
  const name = getSchemaPath(model).split('/').at(-1) ?? model.name;
  return { name: name.replace(/Dto$/, ''), mediaType: 'application/json', model: name };
}

function toResponses(body: ErrorBody): Record<string, ProblemResponse> {
  const content = { [body.mediaType]: { schema: { $ref: `#/components/schemas/${body.model}` } } };
  return Object.fromEntries(
    Object.entries(DESCRIPTIONS).map(([status, description]) => [nameOf(body, status), { description, content }]),
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

const refTo = (body: ErrorBody, status: number | string): { $ref: string } => ({
  $ref: `#/components/responses/${nameOf(body, status)}`,
});

const nameOf = ({ name }: ErrorBody, status: number | string): string =>
  status === 'default' ? name : `${name}${String(status)}`;
