/**
 * What a token is good for. `read`: look at things and follow streams. `write`: make threads and run turns. `approve`:
 * answer the agent's questions. `admin`: the engine's configuration, tool servers and account.
 */
export const SCOPES = ['read', 'write', 'approve', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export const ALL_SCOPES: ReadonlySet<Scope> = new Set(SCOPES);

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}
