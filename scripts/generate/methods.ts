import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  alternativesOf,
  type Definitions,
  referenceOf,
  requireDefinition,
  type Schema,
  type SchemaObject,
} from './schema.ts';

/** Where a payload carries an id: its own field (`required`, or `optional`: may be null or absent), `thread.id`/`turn.id` (`nested`), or nowhere. */
export type IdPlace = 'required' | 'optional' | 'nested' | 'none';

export interface RequestMethod {
  readonly method: string;
  /** `null`: the method takes none. */
  readonly params: string | null;
  readonly mayOmitParams: boolean;
  readonly response: string;
}

export interface NotificationMethod {
  readonly method: string;
  readonly params: string;
  readonly threadId: IdPlace;
  readonly turnId: IdPlace;
}

export interface Methods {
  readonly clientRequests: readonly RequestMethod[];
  readonly notifications: readonly NotificationMethod[];
  readonly serverRequests: readonly (RequestMethod & NotificationMethod)[];
}

/** Responses that are named neither after their params nor after their method. */
const RESPONSES: Readonly<Record<string, string>> = {
  'account/gatewayOAuth/cancel': 'GatewayOAuthCancelResponse',
  'account/logout': 'LogoutAccountResponse',
  'account/securitySetup/read': 'GetAccountSecuritySetupResponse',
  'account/workspaceMessages/read': 'GetWorkspaceMessagesResponse',
  'accountSession/list': 'AccountSessionsResponse',
  'config/batchWrite': 'ConfigWriteResponse',
  'config/mcpServer/reload': 'McpServerRefreshResponse',
  'config/value/write': 'ConfigWriteResponse',
  'externalAgentConfig/import/readHistories': 'ExternalAgentConfigImportHistoriesReadResponse',
};

/** Methods of the oldest protocol, for which the engine exports types but no schema; newer methods do all they did. */
const WITHOUT_SCHEMA: ReadonlySet<string> = new Set(['getAuthStatus', 'getConversationSummary', 'gitDiffToRemote']);

const TYPED_MESSAGE = /"method": "([^"]+)",(?: id: RequestId,)? "?params"?\??: (\w+)/g;

/** The JSON-RPC frame around all of them. */
const ENVELOPE_RESPONSE = 'JSONRPCResponse';

/** Throws when a response can't be told, or when one is left that no method answers with. */
export function readMethods(definitions: Definitions, tsFolder: string): Methods {
  const messagesOf = (union: string): Message[] =>
    [...schemaMessages(definitions, union), ...typedMessages(definitions, tsFolder, union)].sort((a, b) =>
      a.method < b.method ? -1 : 1,
    );
  const methods: Methods = {
    clientRequests: messagesOf('ClientRequest').map((message) => toRequest(definitions, message)),
    notifications: messagesOf('ServerNotification').map((message) => toNotification(definitions, message)),
    serverRequests: messagesOf('ServerRequest').map((message) => ({
      ...toRequest(definitions, message),
      ...toNotification(definitions, message),
    })),
  };
  requireNothingLeft(definitions, methods);
  return methods;
}

/** Every definition that a method of the engine takes, answers with or sends. */
export function definitionsOf(methods: Methods): string[] {
  const requests = [...methods.clientRequests, ...methods.serverRequests];
  const names = [
    ...requests.flatMap(({ params, response }) => (params === null ? [response] : [params, response])),
    ...methods.notifications.map(({ params }) => params),
  ];
  return [...new Set(names)].sort();
}

interface Message {
  readonly method: string;
  readonly params: Schema | undefined;
  readonly isParamsRequired: boolean;
}

function schemaMessages(definitions: Definitions, union: string): Message[] {
  return alternativesOf(requireDefinition(definitions, union)).map((variant) => {
    const { properties = {}, required = [] } = variant === true ? {} : variant;
    const method = properties.method;
    const name = method === undefined || method === true ? undefined : method.enum?.[0];
    if (name === undefined) {
      throw new Error(`A variant of ${union} has no method name: ${JSON.stringify(variant)}`);
    }
    return { method: name, params: properties.params, isParamsRequired: required.includes('params') };
  });
}

/** Some messages (`rawResponse/completed`) stand in the engine's TypeScript unions alone, though they have a schema. */
function typedMessages(definitions: Definitions, tsFolder: string, union: string): Message[] {
  const inSchema = new Set(schemaMessages(definitions, union).map(({ method }) => method));
  const text = readFileSync(join(tsFolder, `${union}.ts`), 'utf8');
  const typed = [...text.matchAll(TYPED_MESSAGE)].map(([, method = '', params = '']) => ({ method, params }));
  const unmatched = [...inSchema].filter((method) => !typed.some((message) => message.method === method));
  if (unmatched.length > 0) {
    throw new Error(`The engine's ${union}.ts does not have ${unmatched.join(', ')}, which its JSON Schema has.`);
  }
  return typed
    .filter(({ method }) => !inSchema.has(method) && !WITHOUT_SCHEMA.has(method))
    .map(({ method, params }) => {
      requireDefinition(definitions, params);
      return { method, params: { $ref: `#/definitions/${params}` }, isParamsRequired: true };
    });
}

function toRequest(definitions: Definitions, message: Message): RequestMethod {
  const params = paramsOf(message);
  const candidates = [
    RESPONSES[message.method],
    params?.replace(/Params$/, 'Response'),
    `${pascalCase(message.method)}Response`,
  ];
  const response = candidates.find((name) => name !== undefined && name !== params && definitions.has(name));
  if (response === undefined) {
    throw new Error(`The response of ${message.method} can't be told; name it in RESPONSES of methods.ts.`);
  }
  return { method: message.method, params, mayOmitParams: !message.isParamsRequired, response };
}

function toNotification(definitions: Definitions, message: Message): NotificationMethod {
  const params = paramsOf(message);
  if (params === null) {
    throw new Error(`${message.method} carries no payload; the routing of such an event has to be decided.`);
  }
  const schema = requireDefinition(definitions, params);
  return {
    method: message.method,
    params,
    threadId: idPlace(schema, 'threadId', 'thread'),
    turnId: idPlace(schema, 'turnId', 'turn'),
  };
}

function paramsOf({ method, params }: Message): string | null {
  if (params === undefined || params === true) {
    return null;
  }
  if (params.type === 'null') {
    return null;
  }
  const [alternative] = alternativesOf(params);
  const name = referenceOf(alternative ?? params);
  if (name === undefined) {
    throw new Error(`The params of ${method} are no named definition: ${JSON.stringify(params)}`);
  }
  return name;
}

function idPlace(schema: SchemaObject, idKey: string, nestedKey: string): IdPlace {
  const id = schema.properties?.[idKey];
  if (id === undefined) {
    return schema.properties?.[nestedKey] === undefined ? 'none' : 'nested';
  }
  const isNullable = id === true || [id.type].flat().includes('null') || id.anyOf !== undefined;
  return schema.required?.includes(idKey) === true && !isNullable ? 'required' : 'optional';
}

function requireNothingLeft(definitions: Definitions, methods: Methods): void {
  const claimed = new Set(definitionsOf(methods)).add(ENVELOPE_RESPONSE);
  const left = [...definitions.keys()].filter((name) => name.endsWith('Response') && !claimed.has(name));
  if (left.length > 0) {
    throw new Error(`No method answers with ${left.join(', ')}; name the methods in RESPONSES of methods.ts.`);
  }
  const requests = new Set(methods.clientRequests.map(({ method }) => method));
  const stale = Object.keys(RESPONSES).filter((method) => !requests.has(method));
  if (stale.length > 0) {
    throw new Error(`RESPONSES of methods.ts names methods that the engine no longer has: ${stale.join(', ')}.`);
  }
}

function pascalCase(method: string): string {
  return method.replace(/(?:^|[/_])(.)/g, (_, letter: string) => letter.toUpperCase());
}
