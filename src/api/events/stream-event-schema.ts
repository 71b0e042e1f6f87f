import { getSchemaPath } from '@nestjs/swagger';
import * as views from './events.views.js';

/** Event name → the name of the component that is its payload. */
export type EventPayloads = Readonly<Record<string, string>>;

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
  ...Object.values(OWN_EVENTS),
  ...Object.values(CONTROL_FRAMES),
] as const;

export const STREAM_EVENT = { $ref: getSchemaPath('StreamEvent') };

/** The component `StreamEvent`: what the `data:` line of a frame holds, by the name of the event. */
export function toStreamEventSchema(engineEvents: EventPayloads): object {
  const envelope = { $ref: getSchemaPath(views.EventEnvelopeDto) };
  const logged = { ...toPaths(engineEvents), ...toPaths(OWN_EVENTS) };
  return {
    description: 'What the `data:` line of a frame of an event stream holds, by the name of the event.',
    oneOf: [
      ...Object.entries(logged).map(([name, $ref]) => toMember(name, [{ $ref }, envelope])),
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
