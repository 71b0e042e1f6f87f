import { Ajv } from 'ajv';
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
  const fields = (validate.errors ?? []).map(({ instancePath, message }) => ({
    path: `content${instancePath.replaceAll('/', '.')}`,
    message: message ?? 'is not valid',
  }));
  throw new ServiceError('unprocessable', 'The content is not what the form asks for.', { fields });
}

/** An MCP server can send anything as a schema; one that is none is left to that server to enforce. */
function compile(ajv: Ajv, schema: unknown): ReturnType<Ajv['compile']> | undefined {
  try {
    return ajv.compile(schema as object);
  } catch {
    return undefined;
  }
}
