import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { ErrorShapes } from '../dialects/error-shapes.js';
import { ProblemDto } from '../problem/problem.views.js';
import { type RouteTable } from '../routing/route-table.js';
import { sayWhatMayBeLeftOut } from './left-out.js';
import { addProblemResponses } from './problem-responses.js';
import { tidyDocument } from './tidy-document.js';
import { allZodComponents, toZodComponents } from './zod-components.js';

export interface DocsOptions {
  /** The version of the server. */
  readonly version: string;
  /** Further schemas for `#/components/schemas`, such as the engine's; those of the routes win over them. */
  readonly schemas?: Readonly<Record<string, object>>;
  /** Tag → what it is about, in the order of the pages. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Operation id → a JSON body that works, shown beside the schema. */
  readonly examples?: Readonly<Record<string, object>>;
}

const DESCRIPTION = [
  'The Codex coding agent over HTTP. Every call but those of health and documentation needs the header',
  '`Authorization: Bearer <token>`. Errors are `application/problem+json` (RFC 9457) with a `code` of a closed list.',
].join(' ');

const TAGS: Readonly<Record<string, string>> = {
  events: 'Durable server-sent events, and tickets to open them from a browser.',
  health: 'Whether the process is alive and ready. No token needed, except for metrics.',
};

/** The OpenAPI 3.1 document of all routes of an application. Costs some 100 ms, so it is made once, when asked for. */
export function createDocument(app: NestExpressApplication, routes: RouteTable, options: DocsOptions): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Codex web server')
    .setDescription(DESCRIPTION)
    .setVersion(options.version)
    .addServer('/')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'The token of this server.' }, 'bearer')
    .addSecurityRequirements('bearer');
  for (const [tag, description] of Object.entries({ ...options.tags, ...TAGS })) {
    builder.addTag(tag, description);
  }
  const shapes = app.get(ErrorShapes);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    extraModels: [ProblemDto, ...shapes.models],
    operationIdFactory: (_controller, method) => method,
    standardSchemaConverter: toZodComponents,
  });
  document.components = {
    ...document.components,
    schemas: { ...options.schemas, ...allZodComponents(), ...document.components?.schemas },
  };
  addProblemResponses(document, routes, shapes);
  nameNestedQueries(document);
  addExamples(document, options.examples ?? {});
  sayWhatMayBeLeftOut(document);
  return tidyDocument(document);
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

function operationsOf({ paths }: OpenAPIObject): Operation[] {
  const operations = Object.values(paths).flatMap((item) => [item.get, item.post, item.put, item.patch, item.delete]);
  return operations.filter((operation) => operation !== undefined);
}

/** Changes the document. */
function addExamples(document: OpenAPIObject, examples: Readonly<Record<string, object>>): void {
  for (const { operationId = '', requestBody } of operationsOf(document)) {
    const json = requestBody && 'content' in requestBody ? requestBody.content['application/json'] : undefined;
    const example = examples[operationId];
    if (json && example) {
      json.example = example;
    }
  }
}

/** A map in a query is sent as `metadata[key]=value`, which OpenAPI calls a deep object. Changes the document. */
function nameNestedQueries(document: OpenAPIObject): void {
  for (const parameter of operationsOf(document).flatMap(({ parameters }) => parameters ?? [])) {
    if ('in' in parameter && parameter.in === 'query' && isMap(parameter.schema)) {
      parameter.style = 'deepObject';
      parameter.explode = true;
    }
  }
}

function isMap(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === 'object';
}
