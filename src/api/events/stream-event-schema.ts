import { getSchemaPath } from '@nestjs/swagger';
import * as views from './events.views.js';

/** Event name → the name of the component that is its payload. */
export type EventPayloads = Readonly<Record<string, string>>;

interface PayloadSchema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly PayloadSchema[];
}

/** The components of the document by their names. */
export type Schemas = Readonly<Record<string, object>>;

/** Events of this service, which stand in the log as the engine's do. */
const OWN_EVENTS = {
  'turn/queued': views.TurnQueuedDto,
  'turn/cancelled': views.TurnCancelledDto,
  'item/abandoned': views.ItemAbandonedDto,
  'approval/resolved': views.ApprovalResolvedDto,
  'approval/expired': views.ApprovalExpiredDto,
  'engine/restarted': views.EngineRestartedDto,
};

/** What this service adds to events of the engine's. */
const ADDED: Readonly<Record<string, Parameters<typeof getSchemaPath>[0]>> = {
  'turn/completed': views.TurnCompletedDto,
  'thread/status/changed': views.ThreadStatusChangedDto,
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
  views.TurnCompletedDto,
  views.ThreadStatusChangedDto,
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

/** The ids of every logged event; a payload that has one of them says more exactly whether it may be missing. */
const IDS = {
  thread_id: {
    type: ['string', 'null'],
    description: '`null`: it is of no thread, and on the stream of all threads only.',
  },
  turn_id: { type: 'string' },
} as const;

/**
 * The component `StreamEvent`: what the `data:` line of a frame holds, by the name of the event.
 *
 * @param schemas those of the payloads of `engineEvents` and `questions`
 */
export function toStreamEventSchema(engineEvents: EventPayloads, questions: EventPayloads, schemas: Schemas): object {
  const envelope = { $ref: getSchemaPath(views.EventEnvelopeDto) };
  const question = { $ref: getSchemaPath(views.ApprovalRequestedDto) };
  const toLogged = ([name, payload]: readonly [string, string], more: readonly object[] = []): object =>
    toMember(name, [{ $ref: getSchemaPath(payload) }, ...more, envelope], idsBeside(schemas[payload], schemas));
  return {
    description: 'What the `data:` line of a frame of an event stream holds, by the name of the event.',
    oneOf: [
      ...Object.entries(engineEvents).map((event) => toLogged(event, toAdded(event[0]))),
      ...Object.entries(toPaths(OWN_EVENTS)).map(([name, $ref]) => toMember(name, [{ $ref }, envelope], IDS)),
      ...Object.entries(questions).map((event) => toLogged(event, [question])),
      ...Object.entries(toPaths(CONTROL_FRAMES)).map(([name, $ref]) => toMember(name, [{ $ref }])),
    ],
  };
}

/** The ids that the payload does not have itself: readers of `allOf` take a property from one of its parts only. */
function idsBeside(payload: PayloadSchema | undefined, schemas: Schemas): Partial<typeof IDS> {
  return Object.fromEntries(Object.entries(IDS).filter(([name]) => !hasProperty(payload, name, schemas)));
}

/** Whether every variant of the schema has the property. */
function hasProperty(schema: PayloadSchema = {}, name: string, schemas: Schemas): boolean {
  const { $ref, properties = {}, oneOf = [] } = schema;
  if ($ref !== undefined) {
    return hasProperty(schemas[$ref.slice($ref.lastIndexOf('/') + 1)], name, schemas);
  }
  return name in properties || (oneOf.length > 0 && oneOf.every((variant) => hasProperty(variant, name, schemas)));
}

function toAdded(name: string): object[] {
  const added = ADDED[name];
  return added === undefined ? [] : [{ $ref: getSchemaPath(added) }];
}

function toPaths(payloads: Readonly<Record<string, Parameters<typeof getSchemaPath>[0]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(payloads).map(([name, payload]) => [name, getSchemaPath(payload)]));
}

function toMember(name: string, parts: readonly object[], ids: Partial<typeof IDS> = {}): object {
  const named = {
    type: 'object',
    properties: { event: { type: 'string', const: name, description: 'As in the `event:` line.' }, ...ids },
    required: ['event', ...('thread_id' in ids ? ['thread_id'] : [])],
  };
  return { title: name, allOf: [...parts, named] };
}
