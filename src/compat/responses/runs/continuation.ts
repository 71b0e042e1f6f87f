import { type CallerCall } from '../../../core/turns/call-collector.js';
import { type HistoryItem } from '../../../core/turns/history-items.js';
import { type Authority } from '../../../core/permissions/authority.js';
import { type TurnOptions } from '../../../core/engine/options.js';
import { pendingCalls, type ResponseRecord } from '../store/response-record.js';
import { toDirection } from '../to-core/history.js';
import { type ThreadSpec } from '../to-core/thread-spec.js';

/** What is to be run. */
export interface Plan {
  /** The caller's, with what he chose of the thread's options. */
  authority: Authority;
  spec: ThreadSpec;
  specText: string;
  turnOptions: TurnOptions;
  turnSpecText: string;
  /** The new items of the conversation. */
  history: readonly HistoryItem[];
  /** What the model is told for this response alone. */
  directions: readonly string[];
  /** The response that is gone on from. */
  parent: ResponseRecord | undefined;
}

/** Where a response is being made. */
export interface RunTarget {
  threadId: string;
  turnId: string;
  /** The number of the thread's last event before it. */
  afterSeq: number;
  /** Calls that the model has made already, for this response to tell. */
  heldCalls: readonly CallerCall[];
  /** To be done once the response is stored. */
  begin: () => Promise<void>;
}

/** What is known of the parent's thread at this moment. */
export interface ThreadFacts {
  /** The parent's turn is the last one, and nothing runs or waits. */
  isTail: boolean;
  /** The parent's turn runs, and waits for the outputs of the calls that the parent told. */
  isParked: boolean;
}

/** How a conversation is gone on with. */
export type Continuation =
  /** The outputs go to the calls for which the turn waits. */
  | 'answer'
  /** Another turn in the same thread. */
  | 'append'
  /** Another turn in a copy of the thread up to there. */
  | 'fork'
  /** A new thread, with what was said in its history. */
  | 'rebuild';

export function toContinuation(plan: Plan & { parent: ResponseRecord }, facts: ThreadFacts): Continuation {
  const { parent, specText } = plan;
  if (pendingCalls(parent).length > 0) {
    return facts.isParked && fitsRunningTurn(plan) ? 'answer' : 'rebuild';
  }
  if (!hasWholeTurn(parent) || !isAlike(parent.threadSpec, specText)) {
    return 'rebuild';
  }
  const isToldAnew = plan.spec.mode === 'agent' || parent.threadSpec === specText;
  return facts.isTail && isToldAnew ? 'append' : 'fork';
}

/** What a turn was told for itself alone stays in its thread, and would count for the next one too. */
function hasWholeTurn({ threadId, end, fold }: ResponseRecord): boolean {
  return threadId !== null && end?.type === 'told' && fold.mustCall !== true;
}

/**
 * The plan's items, with its instructions before them where an agent's thread has others: it has been told those for good
 * with its first turn, and a copy of it too. A bare model's are replaced in a copy.
 */
export function withInstructions({ parent, spec, specText, history }: Plan): readonly HistoryItem[] {
  if (!parent || spec.mode === 'model' || parent.threadSpec === specText) {
    return history;
  }
  const text =
    spec.instructions === null
      ? 'The instructions that were given before no longer apply.'
      : `Instructions, in place of those that were given before:\n${spec.instructions}`;
  return [toDirection(text), ...history];
}

/** A running turn goes on as it began, and takes outputs and what a user says; nothing else can be put into it. */
function fitsRunningTurn({ parent, specText, turnSpecText, history }: Plan & { parent: ResponseRecord }): boolean {
  const isSame = parent.threadSpec === specText && parent.turnSpec === turnSpecText;
  return isSame && history.every((item) => item.type === 'function_call_output' || isUserMessage(item));
}

function isUserMessage(item: HistoryItem): boolean {
  return item.type === 'message' && item.role === 'user';
}

/** Equal but for the instructions. */
function isAlike(a: string, b: string): boolean {
  const [first, second] = [JSON.parse(a), JSON.parse(b)] as [unknown[], unknown[]];
  return JSON.stringify(first[0]) === JSON.stringify(second[0]);
}
