import { QUESTION_KINDS } from './answers.js';
import { SERVER_NOTIFICATIONS, SERVER_REQUESTS } from './protocol/generated/methods.js';

/** Every notification of the engine's → the OpenAPI component of its payload. */
export const NOTIFICATION_PAYLOADS = toComponents(Object.entries(SERVER_NOTIFICATIONS));

/** Every question of the engine's → the OpenAPI component of its payload. */
export const QUESTION_PAYLOADS = toComponents(
  Object.entries(SERVER_REQUESTS).filter(([method]) => method in QUESTION_KINDS),
);

function toComponents(methods: [string, { params: string }][]): Readonly<Record<string, string>> {
  return Object.fromEntries(methods.map(([method, { params }]) => [method, `Engine${params}`]));
}
