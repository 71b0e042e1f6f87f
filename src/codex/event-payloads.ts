import { QUESTION_KINDS } from './answers.js';
import { SERVER_NOTIFICATIONS, SERVER_REQUESTS } from './protocol/generated/methods.js';

/** Every event that comes from the engine → the OpenAPI component of its payload. */
export const ENGINE_EVENTS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ...Object.entries(SERVER_NOTIFICATIONS),
    ...Object.entries(SERVER_REQUESTS).filter(([method]) => method in QUESTION_KINDS),
  ].map(([method, { params }]) => [method, `Engine${params}`]),
);
