const MIN_TOKEN_LENGTH = 16;

/** The b64token of RFC 6750, section 2.1: all that fits in an `Authorization: Bearer` header. */
const B64_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** What is wrong with a token, never the token itself; `null` when nothing is. */
export function findTokenFault(token: string): string | null {
  if (token.length < MIN_TOKEN_LENGTH) {
    return `must have at least ${String(MIN_TOKEN_LENGTH)} characters`;
  }
  return B64_TOKEN.test(token)
    ? null
    : 'may hold only letters, digits and the characters - . _ ~ + /, with = at its end';
}
