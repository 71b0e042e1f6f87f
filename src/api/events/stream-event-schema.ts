import { getSchemaPath } from '@nestjs/swagger';
import * as views from './events.views.js';

/** Event name → the name of the component that is its payload. */
export type EventPayloads = Readonly<Record<string, string>>;

interface PayloadSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

/** Events of this service, which stand in the log as the engine's do. */
const OWN_EVENTS = {
  'turn/queued': views.TurnQueuedDto,
  'turn/cancelled': views.TurnCancelledDto,
  'approval/resolved': views.ApprovalResolvedDto,
  'approval/expired': views.ApprovalExpiredDto,
  'engine/restarted': views.EngineRestartedDto,
};

/** Frames about the stream itself; they have no number. */
const CONTROL_FRAMES = {
  'stream/opened': views.StreamOpenedDto,
  'stream/live': views.StreamLiveDto,
  'stream/gap': views.StreamGapDto,
  'stream/lagged': views.StreamLaggedDto,
  'stream/closing': views.StreamClosingDto,
  'stream/error': views.StreamErrorDto,
};

export const EVENT_MODELS = [
  views.EventEnvelopeDto,
  views.ApprovalRequestedDto,
  ...Object.values(OWN_EVENTS),
  ...Object.values(CONTROL_FRAMES),
] as const;

export const STREAM_EVENT = { $ref: getSchemaPath('StreamEvent') };

/** What a question says in the words of this service, and therefore not in the engine's. */
const QUESTION_FIELDS = ['approval_id', 'item_id', 'kind', 'available_decisions', 'expires_at'];

/** The payload of a question of the engine's without what `ApprovalRequestedDto` says instead. */
export function toQuestionPayload<T extends PayloadSchema>(schema: T): T {
  const { properties = {}, required = [] } = schema;
  return {
    ...schema,
    ...(schema.properties && {
      properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !QUESTION_FIELDS.includes(name))),
    }),
    ...(schema.required && { required: required.filter((name) => !QUESTION_FIELDS.includes(name)) }),
  };
}

/** The component `StreamEvent`: what the `data:` line of a frame holds, by the name of the event. */
export function toStreamEventSchema(engineEvents: EventPayloads, questions: EventPayloads): object {
  const envelope = { $ref: getSchemaPath(views.EventEnvelopeDto) };
  const question = { $ref: getSchemaPath(views.ApprovalRequestedDto) };
  const logged = { ...toPaths(engineEvents), ...toPaths(OWN_EVENTS) };
  return {
    description: 'What the `data:` line of a frame of an event stream holds, by the name of the event.',
    oneOf: [
      ...Object.entries(logged).map(([name, $ref]) => toMember(name, [{ $ref }, envelope])),
      ...Object.entries(toPaths(questions)).map(([name, $ref]) => toMember(name, [{ $ref }, question, envelope])),
      ...Object.entries(toPaths(CONTROL_FRAMES)).map(([name, $ref]) => toMember(name, [{ $ref }])),
    ],
  };
}

function toPaths(payloads: Readonly<Record<string, Parameters<typeof getSchemaPath>[0]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(payloads).map(([name, payload]) => [name, getSchemaPath(payload)]));
}

function toMember(name: string, parts: object[]): object {
  const named = { type: 'object', properties: { event: { type: 'string', const: name } }, required: ['event'] };
  return { title: name, allOf: [...parts, named] };
}
