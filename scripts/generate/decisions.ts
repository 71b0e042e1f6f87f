import { alternativesOf, type Definitions, resolved, type Schema, type SchemaObject } from './schema.ts';

/**
 * Definitions that the engine types, but whose content is the user's or another protocol's data: an MCP server's
 * form is a JSON Schema, whose `minLength` or `enumNames` must reach the client as they are.
 */
const OPAQUE_PREFIX = 'McpElicitation';

/**
 * Objects with a rest of data (app ids, tool names, link ids) that the engine's JSON Schema forgets to say and its
 * TypeScript doesn't.
 */
const OPEN_RESTS: ReadonlySet<string> = new Set(['AppLinksConfig', 'AppToolsConfig', 'AppsConfig']);

/** Alternatives typed as bare `string | object` beside an enum: a newer engine's values of that enum, not free text. */
const OPEN_ENUMS: ReadonlySet<string> = new Set(['CodexErrorInfo|7']);

/** Definitions that are not messages' content but frames around it. */
export const ENVELOPES: ReadonlySet<string> = new Set([
  'ClientNotification',
  'ClientRequest',
  'JSONRPCError',
  'JSONRPCErrorError',
  'JSONRPCMessage',
  'JSONRPCNotification',
  'JSONRPCRequest',
  'JSONRPCResponse',
  'ServerNotification',
  'ServerRequest',
]);

/** What is shown of the engine in its own names, to callers that speak them. */
export const WIRE_ROOTS: readonly string[] = [
  'AskForApproval',
  'SandboxMode',
  'SandboxPolicy',
  'SkillsConfigWriteResponse',
  'SkillsListResponse',
  'Thread',
  'Turn',
  'UserInput',
];

/** Beside all events and server requests, what the native surface shows of the engine as it is. */
export const OPENAPI_ROOTS: readonly string[] = [
  'AskForApproval',
  'CollaborationMode',
  'ConfigReadResponse',
  'ConfigRequirementsReadResponse',
  'ConfigWriteResponse',
  'DynamicToolSpec',
  'GetAccountRateLimitsResponse',
  'GetAccountResponse',
  'ListMcpServerStatusResponse',
  'McpServerToolCallResponse',
  'ModelListResponse',
  'ReviewTarget',
  'SandboxPolicy',
  'SkillsListResponse',
  'Thread',
  'ThreadItem',
  'ThreadTokenUsage',
  'TokenUsageBreakdown',
  'Turn',
  'UserInput',
];

export function isOpaque(definition: string): boolean {
  return definition.startsWith(OPAQUE_PREFIX);
}

export function hasOpenRest(definition: string): boolean {
  return OPEN_RESTS.has(definition);
}

export function isOpenEnum(path: string): boolean {
  return OPEN_ENUMS.has(path);
}

/**
 * The key that tells the alternatives of a union apart: required in each, of one value in each, and each value once.
 * `type` is preferred where several would do.
 */
export function discriminatorOf(definitions: Definitions, schema: SchemaObject): string | undefined {
  const variants = alternativesOf(schema).map((alternative) => resolved(definitions, alternative));
  const [first] = variants;
  if (variants.length < 2 || first === undefined || first === true) {
    return undefined;
  }
  const candidates = ['type', ...Object.keys(first.properties ?? {})];
  return candidates.find((key) => {
    const values = variants.map((variant) => constantOf(definitions, variant, key));
    return values.every((value) => value !== undefined) && new Set(values).size === values.length;
  });
}

/** A variant with the keys that its union has for all of them. */
export function withShared(variant: SchemaObject, union: SchemaObject): SchemaObject {
  const required = [...new Set([...(union.required ?? []), ...(variant.required ?? [])])].sort();
  return {
    ...variant,
    properties: { ...union.properties, ...variant.properties },
    ...(required.length > 0 ? { required } : {}),
  };
}

export function constantOf(definitions: Definitions, variant: Schema, key: string): string | undefined {
  if (variant === true || variant.required?.includes(key) !== true) {
    return undefined;
  }
  const field = resolved(definitions, variant.properties?.[key] ?? true);
  return field !== true && field.enum?.length === 1 ? field.enum[0] : undefined;
}
