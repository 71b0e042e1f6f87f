import { type Payload } from '../engine/payload.js';

/** A ThreadItem in snake_case; what else it has depends on its `type`. */
export interface Item extends Payload {
  readonly id: string;
  readonly type: string;
}

interface WithItem extends Payload {
  readonly item: Item;
}

/** A piece of an item's text. */
export interface Delta extends Payload {
  readonly item_id: string;
  readonly delta: string;
}

/** A question about an item, which is an approval in this service. */
interface Question extends Payload {
  readonly item_id?: unknown;
}

/**
 * The events that this service makes or acts upon, and what is certain of their payloads. The names are those of the
 * stream: the engine's methods, and the service's own.
 */
export interface EventPayloads {
  'thread/archived': Payload;
  'thread/closed': Payload;
  'thread/deleted': Payload;
  'thread/name/updated': Payload;
  'thread/settings/updated': Payload & { readonly thread_settings: Payload };
  'thread/status/changed': Payload & { readonly status: Payload };
  'thread/tokenUsage/updated': Payload & { readonly token_usage: Payload };
  'thread/unarchived': Payload;
  'turn/queued': Payload;
  'turn/started': Payload;
  'turn/diff/updated': Payload & { readonly diff: string };
  'turn/plan/updated': Payload & { readonly plan: readonly unknown[] };
  'turn/completed': Payload & { readonly turn?: Payload };
  'turn/cancelled': Payload;
  'item/started': WithItem;
  'item/completed': WithItem;
  /** The model is asked again: what it had begun to say of the item is void. */
  'item/abandoned': Payload & { readonly item_id: string };
  'item/agentMessage/delta': Delta;
  'item/commandExecution/outputDelta': Delta;
  'item/commandExecution/terminalInteraction': Payload & { readonly item_id: string };
  'item/fileChange/outputDelta': Delta;
  'item/plan/delta': Delta;
  'item/reasoning/summaryPartAdded': Payload & { readonly item_id: string };
  'item/reasoning/summaryTextDelta': Delta;
  'item/reasoning/textDelta': Delta;
  'item/commandExecution/requestApproval': Question;
  'item/fileChange/requestApproval': Question;
  'item/permissions/requestApproval': Question;
  'item/tool/call': Question & { readonly call_id: string; readonly tool: string };
  'item/tool/requestUserInput': Question;
  'mcpServer/elicitation/request': Question;
  'approval/resolved': Payload;
  'approval/expired': Payload;
  'engine/restarted': Payload;
  error: Payload & { readonly error: Payload };
  warning: Payload & { readonly message: string };
  /** What the model's provider has sent, where the engine was asked to say so. */
  'rawResponseItem/completed': Payload & { readonly item: Payload };
  'rawResponse/completed': Payload;
}

export type EventName = keyof EventPayloads;

export type KnownEvent<N extends EventName = EventName> = {
  [K in N]: { readonly type: K; readonly name: K; readonly payload: EventPayloads[K] };
}[N];

/** One that only passes through: of no meaning here, of a newer engine, or not of the form that its name promises. */
export interface OpaqueEvent {
  readonly type: 'opaque';
  readonly name: string;
  readonly payload: Payload;
}

/** Something that happened, as it is told. `type` says what is certain of the payload. */
export type ServiceEvent = KnownEvent | OpaqueEvent;

type Shape = (payload: Payload) => boolean;

const any: Shape = () => true;
const isObject = (value: unknown): value is Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isItem = (value: unknown): boolean =>
  isObject(value) && typeof value.id === 'string' && typeof value.type === 'string';

const withItem: Shape = ({ item }) => isItem(item);
const ofItem: Shape = ({ item_id: itemId }) => typeof itemId === 'string';
const delta: Shape = ({ item_id: itemId, delta: text }) => typeof itemId === 'string' && typeof text === 'string';

const SHAPES: Readonly<Record<EventName, Shape>> = {
  'thread/archived': any,
  'thread/closed': any,
  'thread/deleted': any,
  'thread/name/updated': any,
  'thread/settings/updated': ({ thread_settings: settings }) => isObject(settings),
  'thread/status/changed': ({ status }) => isObject(status),
  'thread/tokenUsage/updated': ({ token_usage: usage }) => isObject(usage),
  'thread/unarchived': any,
  'turn/queued': any,
  'turn/started': any,
  'turn/diff/updated': ({ diff }) => typeof diff === 'string',
  'turn/plan/updated': ({ plan }) => Array.isArray(plan),
  'turn/completed': ({ turn }) => turn === undefined || isObject(turn),
  'turn/cancelled': any,
  'item/started': withItem,
  'item/completed': withItem,
  'item/abandoned': ofItem,
  'item/agentMessage/delta': delta,
  'item/commandExecution/outputDelta': delta,
  'item/commandExecution/terminalInteraction': ofItem,
  'item/fileChange/outputDelta': delta,
  'item/plan/delta': delta,
  'item/reasoning/summaryPartAdded': ofItem,
  'item/reasoning/summaryTextDelta': delta,
  'item/reasoning/textDelta': delta,
  'item/commandExecution/requestApproval': any,
  'item/fileChange/requestApproval': any,
  'item/permissions/requestApproval': any,
  'item/tool/call': ({ call_id: callId, tool }) => typeof callId === 'string' && typeof tool === 'string',
  'item/tool/requestUserInput': any,
  'mcpServer/elicitation/request': any,
  'approval/resolved': any,
  'approval/expired': any,
  'engine/restarted': any,
  error: ({ error }) => isObject(error),
  warning: ({ message }) => typeof message === 'string',
  'rawResponseItem/completed': ({ item }) => isObject(item),
  'rawResponse/completed': any,
};

export const EVENT_NAMES = Object.keys(SHAPES) as readonly EventName[];

const SHAPE_OF: ReadonlyMap<string, Shape> = new Map(Object.entries(SHAPES));

/** An event of the service's own. */
export function toKnownEvent<N extends EventName>(name: N, payload: EventPayloads[N]): KnownEvent {
  return { type: name, name, payload } as KnownEvent;
}

/** The event with another payload of its kind. */
export function withPayload(event: ServiceEvent, payload: Payload): ServiceEvent {
  return payload === event.payload ? event : ({ ...event, payload } as ServiceEvent);
}

/** Total. Hot: each message of the engine passes here once, and each stored event that is read again. */
export function toServiceEvent(name: string, payload: Payload): ServiceEvent {
  const type = SHAPE_OF.get(name)?.(payload) === true ? name : 'opaque';
  return { type, name, payload } as ServiceEvent;
}

/** Of pieces of text there are many, and they name nothing but their item. */
export const DELTAS: ReadonlySet<string> = new Set<EventName>([
  'item/agentMessage/delta',
  'item/commandExecution/outputDelta',
  'item/fileChange/outputDelta',
  'item/plan/delta',
  'item/reasoning/summaryTextDelta',
  'item/reasoning/textDelta',
]);
