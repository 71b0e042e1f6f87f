import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import { ServiceError } from '../core/errors.js';

/** Throws `unprocessable`, with every fault, unless the content is what the MCP server's form asks for. */
export function requireFormContent(requestedSchema: unknown, content: unknown): void {
  const ajv = new Ajv({ allErrors: true, strict: false });
  addFormats.default(ajv);
  const validate = compile(ajv, requestedSchema);
  if (!validate || validate(content)) {
    return;
  }
  const fields = (validate.errors ?? []).map((error) => ({
    path: `content${error.instancePath.replaceAll('/', '.')}${missingKey(error)}`,
    message: error.message ?? 'is not valid',
  }));
  throw new ServiceError('unprocessable', 'The content is not what the form asks for.', { fields });
}

/** A missing key is a fault of the object around it; who fills in a form looks for the field. */
function missingKey({ keyword, params }: ErrorObject): string {
  return keyword === 'required' ? `.${String(params.missingProperty)}` : '';
}

/**
 * An MCP server can send anything as a schema; one that is none is left to that server to enforce. Forms are flat
 * objects of plain values, in which the dialects that `$schema` may name do not differ.
 */
function compile(ajv: Ajv, schema: unknown): ReturnType<Ajv['compile']> | undefined {
  try {
    return ajv.compile({ ...(schema as object), $schema: undefined });
  } catch {
    return undefined;
  }
}
