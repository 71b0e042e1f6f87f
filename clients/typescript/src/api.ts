import { type Client } from 'openapi-fetch';
import { type components, type paths } from './generated/schema.js';

export type Schemas = components['schemas'];

/** Every endpoint by its path, typed: `api.GET('/api/v2/threads/{thread_id}', …)`. */
export type Api = Client<paths>;

export interface CallOptions {
  signal?: AbortSignal;
}

/** The answer's body. What is no success never comes here: the transport has thrown it. */
export async function unwrap<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}
