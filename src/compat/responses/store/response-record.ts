import { type Payload } from '../../../core/engine/engine.js';
import { type CallerCall } from '../../../core/turns/call-collector.js';

export type ResponseStatus = 'queued' | 'in_progress' | 'completed' | 'failed' | 'incomplete' | 'cancelled';

/** An item as callers see it. */
export type Item = Readonly<Record<string, unknown>> & { readonly type: string };

/** How the part of the turn ended that this response is. */
export type ResponseEnd =
  /** The turn's own end, or a cut: the events up to this number say all. */
  | { type: 'told'; seq: number }
  /** The turn waits for the caller's functions. */
  | { type: 'parked'; seq: number; calls: readonly CallerCall[] }
  /** It could not be told to its end: what was running is lost. */
  | { type: 'lost'; seq: number; message: string };

/** How a tool was offered that the engine knows as a function. */
export interface CallForm {
  type: 'function' | 'custom' | 'local_shell';
  name: string;
  namespace: string | null;
}

/** What the events of a response are made with beside the events of its turn. */
export interface FoldOptions {
  hasCodexItems: boolean;
  hasEncryptedReasoning: boolean;
  /** Whether calls are told one a response. */
  isSerial: boolean;
  maxOutputTokens: number | null;
  isBackground: boolean;
  /** Whether an answer without a call is none. Absent in older records. */
  mustCall?: boolean;
  /** By the name that the model knows: tools that are no plain functions to their caller. Absent where there are none. */
  callForms?: Readonly<Record<string, CallForm>>;
}

export interface ResponseRecord {
  responseId: string;
  callerId: string;
  /** RFC 3339. */
  createdAt: string;
  /** RFC 3339; the time to keep it runs from here, when it was found to be needed still. */
  keptAt?: string;
  status: ResponseStatus;
  /** All of the resource that does not change: what the request said, with the defaults. */
  head: Payload;
  fold: FoldOptions;
  /** This response's own input, as items with ids. */
  input: readonly Item[];
  /** Whose conversation it continues; its own caller need not have said so. */
  parentId: string | null;
  conversationId: string | null;
  threadId: string | null;
  turnId: string | null;
  /** The number of the thread's last event before this response. */
  afterSeq: number;
  /** What the thread was made with, and what the turn was: another response can only go on in it with the same. */
  threadSpec: string;
  turnSpec: string;
  isCancelRequested: boolean;
  end: ResponseEnd | null;
  /** Calls that the model made, but that are told in the next response. */
  heldCalls: readonly CallerCall[];
  /** The resource as it was told at its end. */
  resource: Payload | null;
  /** Of the whole conversation with this response's output, once that is known. */
  contextHash: string | null;
}

export function isOver({ status }: Pick<ResponseRecord, 'status'>): boolean {
  return status !== 'queued' && status !== 'in_progress';
}

/** The calls for whose outputs the turn waits since this response. */
export function pendingCalls({ end, heldCalls }: ResponseRecord): readonly CallerCall[] {
  const held = new Set(heldCalls.map(({ callId }) => callId));
  return end?.type === 'parked' ? end.calls.filter(({ callId }) => !held.has(callId)) : [];
}
