import { z } from 'zod';
import { type App } from './start-app.js';

/** A PNG of one pixel. */
export const PIXEL_BASE64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
export const PIXEL_URL = `data:image/png;base64,${PIXEL_BASE64}`;

export const CITY = z.object({ city: z.string() });

/** A model that calls two functions in one response, and goes on when it has both outputs. */
export const TWO_CALLS = 'call: weather {"city":"Oslo"}\nalso call: clock_time {"city":"Rome"}\nsay: Sun and noon.';
export const ONE_CALL = 'call: weather {"city":"Oslo"}\nsay: Take no umbrella.';

/** The modes in which the server runs a turn, with the headers that ask for them. */
export const MODES: [name: string, headers: Record<string, string>][] = [
  ['agent', {}],
  ['model', { 'X-Codex-Mode': 'model' }],
];

/** How many threads the last requests to the model came from. */
export function threadsOfLast({ model }: App, count: number): number {
  return new Set(model.requests.slice(-count).map(({ threadId }) => threadId)).size;
}

/** What the last request to the model held, as text. */
export function lastInput({ model }: App): string {
  return JSON.stringify(model.requests.at(-1)?.body.input);
}

/** The tools that the last request offered to the model. */
export function lastToolNames({ model }: App): string[] {
  const tools = (model.requests.at(-1)?.body.tools ?? []) as { name?: string; type: string }[];
  return tools.map(({ name, type }) => name ?? type);
}

export function caught(promise: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(promise).then(
    () => undefined,
    (error: unknown) => error,
  );
}
