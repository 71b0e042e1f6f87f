/** Where a caller's own trace stands. */
export interface TraceParent {
  traceId: string;
  spanId: string;
  traceFlags: number;
}

const FORM = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
/** What the first version looks like as a whole; later ones may say more. */
const FIRST_VERSION_CHARS = 55;

/** The header `traceparent` (W3C Trace Context, section 3.2); `undefined` for one that is to be ignored. */
export function findTraceParent(header: unknown): TraceParent | undefined {
  const match = typeof header === 'string' ? FORM.exec(header) : null;
  if (!match || (match[1] === '00' && match[0].length > FIRST_VERSION_CHARS)) {
    return undefined;
  }
  const [traceId = '', spanId = '', flags = ''] = match.slice(2);
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 };
}
